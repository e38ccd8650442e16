import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pipelineJsonSchema } from './index.ts';

test('the published JSON schema is up to date (node scripts/write-schema.ts writes it)', () => {
  const published: unknown = JSON.parse(
    readFileSync(new URL('../../docs/usage/pipeline.schema.json', import.meta.url), 'utf8'),
  );
  expect(published).toEqual(pipelineJsonSchema());
});

test('editors see a description of every key', () => {
  expect(undescribed(pipelineJsonSchema(), '')).toEqual([]);
});

function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => {
    const inner = undescribed(value, `${path}/${key}`);
    const isProperty = path.endsWith('/properties');
    const isDescribed = typeof value === 'object' && value !== null && 'description' in value;
    return isProperty && !isDescribed ? [`${path}/${key}`, ...inner] : inner;
  });
}
