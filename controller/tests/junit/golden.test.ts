import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseReport, type ReportedCase } from './index.ts';

/**
 * One report each: NAME.xml beside NAME.expected, which has a line for each test, and what is wrong with the report. UPDATE_GOLDEN=1 writes what
 * is found; read the difference before you commit it.
 */
const FOLDER = new URL('../../../test/golden/junit/', import.meta.url);
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.xml'));

test.each(files)('%s', async (file) => {
  const found = await describeReport(new URL(file, FOLDER));
  const expected = new URL(file.replace(/xml$/, 'expected'), FOLDER);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, found);
  expect(found).toBe(readFileSync(expected, 'utf8'));
});

async function describeReport(file: URL): Promise<string> {
  const lines: string[] = [];
  // In small pieces: wherever they are cut, the same is read.
  const pieces = createReadStream(file, { highWaterMark: 7 });
  const problem = await parseReport(pieces, (reported) => lines.push(describeCase(reported)));
  if (problem !== null) lines.push(`problem: ${problem}`);
  return `${lines.join('\n')}\n`;
}

function describeCase({ suite, name, result, ms, reruns, ...texts }: ReportedCase): string {
  const words = Object.entries(texts).flatMap(([key, text]) =>
    text === '' ? [] : [`  ${key}: ${JSON.stringify(text)}`],
  );
  const took = ms === null ? '' : ` in ${ms} ms`;
  const tries = reruns === 0 ? '' : ` after ${reruns} more`;
  return [`${result}${took}${tries}: ${JSON.stringify(suite)} ${JSON.stringify(name)}`, ...words].join('\n');
}
