import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions, USAGE, type Options } from './options.ts';
import { toDocument } from './report/document.ts';
import { toTable } from './report/table.ts';
import { ROWS } from './rows/index.ts';
import { runRows } from './run-rows.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/development/performance.md', import.meta.url));
const EXIT = { failed: 1, usage: 64, interrupted: 130 };

// What was started ends with the process; an interrupt has to be an exit for that.
process.once('SIGINT', () => process.exit(EXIT.interrupted));
process.exitCode = await main();

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return EXIT.usage;
  }
  const { only, write } = options;
  const rows = ROWS.filter(({ number }) => only === undefined || only.has(number));
  const results = await runRows(rows, options);
  console.log(`\n${toTable(results)}`);
  const failures = results.filter((result) => 'failed' in result);
  for (const { name, failed } of failures) console.error(`${name} failed:`, failed);
  if (failures.length > 0) return EXIT.failed;
  if (write) {
    await mkdir(dirname(DOCUMENT), { recursive: true });
    await writeFile(DOCUMENT, toDocument(rows, results));
  }
  return 0;
}
