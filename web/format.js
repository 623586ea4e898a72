// Words and numbers for people. Pure.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const longDate = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const DAY_MS = 86400000;
const TONES = 10;

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
const daysAgo = (date, now) => Math.round((midnight(now) - midnight(date)) / DAY_MS);

export const timeOfDay = (time) => clock.format(new Date(time));
export const fullTime = (time) => full.format(new Date(time));

/** A value that is the same for all times of one local day. */
export const dayKey = (time) => midnight(new Date(time)).getTime();

export function dayName(time, now) {
  const date = new Date(time);
  const ago = daysAgo(date, now);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  return longDate.format(date);
}

/** Time today, weekday this week, else the date: for the list. */
export function shortTime(time, now) {
  const date = new Date(time);
  const ago = daysAgo(date, now);
  if (ago <= 0) return clock.format(date);
  return ago < 7 ? weekday.format(date) : shortDate.format(date);
}

export function initials(name) {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => [...word][0]) : [...(words[0] ?? '?')].slice(0, 1);
  return letters.join('').toLocaleUpperCase();
}

/** One of the avatar colours of style.css, always the same for the same id. */
export function toneOf(id) {
  let hash = 2166136261;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0), 16777619);
  return (hash >>> 0) % TONES;
}

export const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/** The length as the server counts it: characters, not UTF-16 units. */
export const lengthOf = (text) => [...text].length;

/** One to three emoji and nothing else are shown large. Spelled out: the short form needs a flag that phones of 2022 lack. */
const PICTURE = String.raw`(?:\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\p{Emoji_Presentation}\ufe0f?|\p{Extended_Pictographic}\ufe0f)`;
const EMOJI = String.raw`(?:\p{Regional_Indicator}{2}|[0-9#*]\ufe0f\u20e3|${PICTURE}(?:\u200d(?:${PICTURE}|\p{Extended_Pictographic}))*)`;
const ONLY_EMOJI = new RegExp(String.raw`^(?:${EMOJI}\s?){1,3}$`, 'u');
export const isOnlyEmoji = (text) => ONLY_EMOJI.test(text);

export function typingLine(names) {
  if (names.length === 0) return '';
  if (names.length === 1) return `${names[0]} is typing`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing`;
  return `${names.length} people are typing`;
}
