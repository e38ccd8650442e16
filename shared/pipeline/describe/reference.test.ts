import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { pipelineReference } from '../index.ts';

test('the published reference is up to date (node scripts/write-reference.ts writes it)', async () => {
  const file = fileURLToPath(new URL('../../../docs/usage/pipeline-reference.md', import.meta.url));
  const options = await resolveConfig(file);
  const current = await format(pipelineReference(), { ...options, filepath: file });
  expect(readFileSync(file, 'utf8')).toBe(current);
});
