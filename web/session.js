// What outlives the page: who is logged in, which rooms they are in, what they have read. Kept in localStorage.

const SESSION = 'chorus.session';
const readKey = (id) => `chorus.read.${id}`;

/** Storage may be forbidden or full; then the page simply forgets. */
function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function save(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Forgetting is all that is lost.
  }
}

/** { id, token, rooms, serverId } or null. */
export function loadSession() {
  const session = load(SESSION);
  if (typeof session?.id !== 'string' || typeof session.token !== 'string') return null;
  return { id: session.id, token: session.token, rooms: session.rooms ?? [], serverId: session.serverId ?? '' };
}

export function saveSession({ id, token, rooms, serverId }) {
  save(SESSION, { id, token, rooms, serverId });
}

export function forgetSession() {
  try {
    localStorage.removeItem(SESSION);
  } catch {
    // Nothing was kept then.
  }
}

export const loadRead = (id) => load(readKey(id));
export const saveRead = (id, state) => save(readKey(id), state);

/** The `sub` of a JWT, or '' when this is none: it saves typing the name. */
export function subjectOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), (c) =>
      c.charCodeAt(0),
    );
    const { sub } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof sub === 'string' ? sub : '';
  } catch {
    return '';
  }
}

/** A narrow or touch-only screen is a phone. */
export function deviceKind() {
  return matchMedia('(max-width: 719px), (hover: none) and (pointer: coarse)').matches ? 'phone' : 'desktop';
}
