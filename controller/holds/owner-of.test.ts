import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHolds, type HoldsFixture } from './test-support.ts';

let fixture: HoldsFixture;

beforeEach(async () => {
  fixture = await openHolds();
});

afterEach(() => fixture[Symbol.asyncDispose]());

test('a pipeline holds for whoever started it, and never for whom a commit names as its author', async () => {
  const source = `name: nightly
jobs:
  test: { runs-on: linux, steps: [{ run: make }], post: { failure: [{ hold: {} }] } }`;
  const ownerOf = async (actor: { actor?: string }) => {
    const build = await fixture.submit(source, { trigger: { event: 'push', author: 'mallory', ...actor } });
    return (await fixture.end(build, { wish: null })).hold?.owner;
  };
  expect(await ownerOf({})).toBe('pipeline nightly');
  expect(await ownerOf({ actor: 'alice' })).toBe('alice');
});
