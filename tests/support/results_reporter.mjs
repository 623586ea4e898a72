// A reporter for node's test runner: a line for each test, `passed|failed|skipped <tab> file <tab> name`, which
// script/behaviours reads beside ctest's report.

import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default async function* results(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const omitted = data.skip !== undefined || data.todo !== undefined;
    const result = type === 'test:fail' ? 'failed' : omitted ? 'skipped' : 'passed';
    yield `${result}\t${relative(root, data.file ?? process.argv.at(-1))}\t${data.name.replace(/\s+/g, ' ')}\n`;
  }
}
