import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { configurationReference } from './index.ts';

test('the published reference is up to date (node scripts/write-reference.ts writes it)', async () => {
  const file = fileURLToPath(
    new URL('../../docs/administration/configuration-reference.md', import.meta.url),
  );
  const options = await resolveConfig(file);
  const current = await format(configurationReference(), { ...options, filepath: file });
  expect(readFileSync(file, 'utf8')).toBe(current);
});

test('it says of every key what it means', () => {
  const rows = configurationReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(80);
  expect(rows.filter((row) => row.endsWith('|  |'))).toEqual([]);
});
