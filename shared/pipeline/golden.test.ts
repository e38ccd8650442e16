import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatProblem } from '#shared/document';
import { parsePipeline } from './index.ts';

/**
 * One scenario each: NAME.yaml beside NAME.expected, which has either the problems, or the warnings and the parsed pipeline.
 * UPDATE_GOLDEN=1 writes what is found; read the difference before you commit it.
 */
const FOLDER = new URL('../../test/golden/pipeline/', import.meta.url);
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

test.each(files)('%s', (file) => {
  const found = describePipeline(readFileSync(new URL(file, FOLDER), 'utf8'), file);
  const expected = new URL(file.replace(/yaml$/, 'expected'), FOLDER);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, found);
  expect(found).toBe(readFileSync(expected, 'utf8'));
});

function describePipeline(source: string, file: string): string {
  const parsed = parsePipeline(source, file, { include });
  const problems = parsed.ok ? parsed.warnings : parsed.problems;
  const lines = problems.map((problem) => `${formatProblem(problem)}\n`).join('');
  return parsed.ok ? `${lines}${JSON.stringify(parsed.pipeline, null, 2)}\n` : lines;
}

/** The folder stands for the repository; files of templates are in `ci/`. */
function include(path: string): string | undefined {
  const file = new URL(path, FOLDER);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
