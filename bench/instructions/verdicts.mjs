// Counts held against the table, and against the same work in smaller surroundings.

/** How much more is too much: what compilers' patch releases and hash seeds move is below 3 %. */
export const headRoom = 1.1;

const tooMany = 'TOO MANY';
const number = (value) => (value === undefined ? '–' : Math.round(value).toLocaleString('en-US'));

/** Rows of cells, and whether they are a failure: name -> instructions, now and as recorded. */
export function againstTable(counted, expected) {
  return Object.entries(counted).map(([name, now]) => {
    const before = expected[name];
    const unknown = before === undefined;
    const failed = unknown || now > before * headRoom;
    const far = now * headRoom < before ? 'far fewer: record it' : '';
    return { failed, cells: [name, number(now), number(before), unknown ? 'NOT IN THE TABLE' : failed ? tooMany : far] };
  });
}

/** The same of what -> surroundings -> instructions; the first surroundings of each are the measure of the others. */
export function againstSmallest(counted) {
  return Object.entries(counted).flatMap(([what, all]) => {
    const [small] = Object.values(all);
    return Object.entries(all).map(([around, now]) => {
      const ratio = now / small;
      const failed = !(ratio <= headRoom);
      return { failed, cells: [what, around, number(now), ratio.toFixed(2), failed ? tooMany : ''] };
    });
  });
}
