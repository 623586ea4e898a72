// Reading what was missed, page by page, until there is no more; when that fails, again.

/** Waiting time between two vain attempts, in milliseconds: at first, and at most. */
const RETRY_MS = 500;
const RETRY_MAX_MS = 8000;

/**
 * `after()`: the id to begin behind, or null for the newest messages; `take(messages)` gets each page. Answers true
 * when the history was read to its end, false when `signal` broke it off.
 */
export async function readMissed({ net, after, take, signal }) {
  for (let wait = RETRY_MS; !signal.aborted; wait = Math.min(wait * 2, RETRY_MAX_MS)) {
    try {
      await readPages(net, after(), take, signal);
      return !signal.aborted;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return false;
}

async function readPages(net, begin, take, signal) {
  for (let after = begin; ;) {
    const { messages, more } = await net.history(after, signal);
    if (signal.aborted) return;
    take(messages);
    // The newest ones were asked for: `more` would only be older ones.
    if (!more || after === null || messages.length === 0) return;
    after = messages.at(-1).id;
  }
}
