import { expect, test } from 'vitest';
import { FootmanError } from '#shared/errors';
import { cloudKind, cloudKinds } from './registry.ts';

test.each(cloudKinds())('%s is found by its name', (kind) => {
  expect(cloudKind(kind).kind).toBe(kind);
});

test('a misspelt kind is told with the nearest known one', () => {
  const error = errorOf(() => cloudKind('proces'));
  expect(error).toMatchObject({ code: 'configuration-invalid', hint: 'did you mean process?' });
  expect(error).toHaveProperty('message', 'there is no cloud of kind "proces"');
});

test('an unknown kind is told with all known ones', () => {
  expect(errorOf(() => cloudKind('x')).hint).toBe(`known kinds: ${cloudKinds().join(', ')}`);
});

test('settings and templates refuse what they do not know', () => {
  expect(cloudKind('process').settings.safeParse({ sise: 1 }).success).toBe(false);
  expect(cloudKind('process').template.safeParse({ environment: { '1X': 'y' } }).success).toBe(false);
  expect(cloudKind('process').template.parse({})).toEqual({ environment: {} });
});

function errorOf(act: () => unknown): FootmanError {
  try {
    act();
  } catch (error) {
    if (error instanceof FootmanError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
