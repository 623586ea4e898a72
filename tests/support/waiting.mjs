// Waiting that ends: for a promise, or for a condition.

import { setTimeout as pause } from 'node:timers/promises';

import { patience } from './fixture.mjs';

const PATIENCE_MS = 10_000;
const POLL_MS = 5;

/** `promise`, or an error that says what was awaited in vain. */
export async function deadline(promise, what, limit = PATIENCE_MS * patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`in vain: ${what}`)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The first value of `probe()` that is not falsy. */
export async function until(probe, what) {
  const limit = Date.now() + PATIENCE_MS * patience;
  while (Date.now() < limit) {
    const value = await probe();
    if (value) return value;
    await pause(POLL_MS);
  }
  throw new Error(`in vain: ${what}`);
}
