// What the server is asked for while its instructions are counted: each load as rounds that are all alike.
import { Crowd } from './client.mjs';

const text = (bytes) => `"${'x'.repeat(bytes)}"`;
const event = (name, ...args) => `2[${[JSON.stringify(name), ...args].join()}]`;
const times = async (count, what) => {
  for (let i = 0; i < count; i += 1) await what(i);
};

/**
 * What is counted for one -> how often a round has it, how many rounds are enough that nothing else matters, what comes
 * before, and a round. One message is under way at a time, so that a turn of the server has one, or all of a burst.
 */
export const loads = {
  'echo of 32 B': {
    share: 1,
    rounds: 500,
    prepare: (crowd) => crowd.join(),
    round: (crowd) => crowd.say(0, [event('echo', text(32))], 1),
  },
  'echo of 1 KiB': {
    share: 1,
    rounds: 500,
    prepare: (crowd) => crowd.join(),
    round: (crowd) => crowd.say(0, [event('echo', text(1024))], 1),
  },
  'echo of 32 B, 16 at once': {
    share: 16,
    rounds: 100,
    prepare: (crowd) => crowd.join(),
    round: (crowd) => crowd.say(0, Array(16).fill(event('echo', text(32))), 16),
  },
  'acknowledgement of 32 B': {
    share: 1,
    rounds: 500,
    prepare: (crowd) => crowd.join(),
    round: (crowd) => crowd.say(0, [`21${event('ack', text(32)).slice(1)}`], 1),
  },
  'delivery of a broadcast to 100': {
    share: 100,
    rounds: 100,
    prepare: (crowd) => times(100, () => crowd.join()),
    round: (crowd) => crowd.say(0, [event('broadcast', text(32))], 100),
  },
  'delivery to a room of 10': {
    share: 10,
    rounds: 500,
    prepare: (crowd) =>
      times(100, async (i) => {
        const number = await crowd.join();
        // The answer to what comes behind it says that the room was entered.
        await crowd.say(number, [event('join', `"room-${i % 10}"`), '20["ack"]'], 1);
      }),
    round: (crowd) => crowd.say(0, [event('room', '"room-0"', text(32))], 10),
  },
  'delivery to a user with 3 devices': {
    share: 3,
    rounds: 1000,
    prepare: (crowd) => times(99, (i) => crowd.join(`&id=user-${Math.floor(i / 3)}`)),
    round: (crowd) => crowd.say(0, [event('message', text(32))], 3),
  },
  'connection over a WebSocket': { share: 1, rounds: 100, prepare: () => {}, round: (crowd) => crowd.join() },
};

/** Plays `rounds` rounds of a load to the server at this port. */
export async function play({ prepare, round }, port, rounds) {
  const crowd = new Crowd(port);
  await prepare(crowd);
  await times(rounds, () => round(crowd));
  return crowd;
}
