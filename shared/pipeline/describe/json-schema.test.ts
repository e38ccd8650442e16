import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pipelineJsonSchema } from '../index.ts';

test('the published JSON schema is up to date (node scripts/write-schema.ts writes it)', () => {
  const published: unknown = JSON.parse(
    readFileSync(new URL('../../../docs/usage/pipeline.schema.json', import.meta.url), 'utf8'),
  );
  expect(published).toEqual(pipelineJsonSchema());
});

test('editors see a description of every key', () => {
  expect(undescribed(pipelineJsonSchema(), '')).toEqual([]);
});

function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = path.endsWith('/properties')
    ? Object.entries(schema).filter(([, value]) => !isDescribed(value))
    : [];
  const inner = Object.entries(schema).flatMap(([key, value]) => undescribed(value, `${path}/${key}`));
  return [...own.map(([key]) => `${path}/${key}`), ...inner];
}

function isDescribed(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'description' in schema;
}
