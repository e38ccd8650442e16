import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, test } from 'vitest';
import type { RefFilter } from '#shared/pipeline';
import { matchesGlobs } from './globs.ts';
import { refusesPaths } from './paths.ts';
import { refusesBase, refusesPush } from './refs.ts';
import { asksToSkip } from './skip.ts';

const EVERY: RefFilter = {
  branches: [],
  branchesIgnore: [],
  tags: [],
  tagsIgnore: [],
  paths: [],
  pathsIgnore: [],
};

describe('globs', () => {
  test.each([
    ['main', ['main'], true],
    ['main', ['ma*'], true],
    ['feature/x', ['*'], false],
    ['feature/x', ['**'], true],
    ['feature/x', ['feature/*'], true],
    ['feature/x/y', ['feature/*'], false],
    ['feature/x/y', ['feature/**'], true],
    ['feature/x', ['**', '!feature/*'], false],
    ['feature/x', ['**', '!feature/*', 'feature/x'], true],
    ['feature/x', ['!feature/*', '**'], true],
    ['main', ['!feature/*'], false],
    ['.github/x.yaml', ['**/*.yaml'], true],
    ['docs/a.md', ['**.md'], true],
    ['a.md', ['**/*.md'], true],
    ['v1.2', ['v[0-9].*'], true],
    ['vx.2', ['v[!0-9].*'], true],
    ['v1.2', ['v[!0-9].*'], false],
    ['pages/[id].ts', ['pages/[id].ts'], true],
    ['pages/[id].ts', ['pages/\\[id].*'], true],
    ['a/c', ['a/**/c'], true],
    ['a/b/b/c', ['a/**/c'], true],
    ['a/bc', ['a/**/c'], false],
    ['a+b (1)|{x,y}', ['a+b (1)|{x,y}'], true],
    ['aab', ['(a+)+b'], false],
    ['release-1', ['release-?'], true],
    ['release-/', ['release-?'], false],
    ['café/ü', ['caf?/?'], true],
    ['main', ['*'.repeat(1000)], true],
  ])('%s in %j: %s', (name, globs, expected) => {
    expect(matchesGlobs(name, globs)).toBe(expected);
  });
});

describe('globs that a stranger wrote', () => {
  const name = fc
    .array(fc.stringMatching(/^[abc]{1,4}$/), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'));
  const glob = fc
    .array(fc.oneof(fc.stringMatching(/^[abc?*]{1,4}$/), fc.constant('**')), {
      minLength: 1,
      maxLength: 4,
    })
    // picomatch lets a/** be a itself, and has rules of its own for a** and the like.
    .filter((parts) => parts.every((one) => one === '**' || !one.includes('**')))
    .filter((parts) => parts.length === 1 || parts.at(-1) !== '**')
    .map((parts) => parts.join('/'));

  test('mean what they mean elsewhere', () => {
    const options = { dot: true, nobrace: true, noextglob: true, nonegate: true };
    fc.assert(
      fc.property(name, glob, (one, other) => {
        expect(matchesGlobs(one, [other])).toBe(picomatch.isMatch(one, other, options));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    [`${'*a'.repeat(400)}b`, 'a'.repeat(4000)],
    [`${'**/a/'.repeat(200)}b`, 'a/'.repeat(2000)],
    ['(a+)+b', 'a'.repeat(4000)],
  ])('take no longer than their length times the name (%#)', (glob, name) => {
    expect(matchesGlobs(name, [glob])).toBe(false);
  });

  test('that take too long count as a change', () => {
    const paths = [`${'*a'.repeat(500)}b`];
    const changed = Array.from({ length: 1000 }, () => 'a'.repeat(4000));
    expect(refusesPaths({ paths, pathsIgnore: [] }, changed)).toBeUndefined();
  });
});

describe('a push', () => {
  test('of a branch or a tag starts what has no filter', () => {
    expect(refusesPush(EVERY, { branch: 'any/thing' })).toBeUndefined();
    expect(refusesPush(EVERY, { tag: 'v1' })).toBeUndefined();
  });

  test('of a tag starts nothing that names branches alone', () => {
    const { tags: _all, ...rest } = EVERY;
    expect(refusesPush({ ...rest, branches: ['main'] }, { tag: 'main' })).toMatch('branches alone');
  });

  test('of a tag is judged by the tags', () => {
    expect(refusesPush({ ...EVERY, tags: ['v*'] }, { tag: 'v1' })).toBeUndefined();
    expect(refusesPush({ ...EVERY, tags: ['v*'], tagsIgnore: ['*-rc*'] }, { tag: 'v1-rc1' })).toMatch(
      'v1-rc1',
    );
  });

  test('is left out by an ignore list', () => {
    const filter = { ...EVERY, branchesIgnore: ['wip/**', '!wip/keep'] };
    expect(refusesPush(filter, { branch: 'wip/a' })).toMatch('wip/a');
    expect(refusesPush(filter, { branch: 'wip/keep' })).toBeUndefined();
    expect(refusesPush(filter, { branch: 'main' })).toBeUndefined();
  });
});

test('a pull request is judged by the branch that it goes into', () => {
  const filter = { branches: ['main', 'release/*'], branchesIgnore: [], paths: [], pathsIgnore: [] };
  expect(refusesBase(filter, 'release/1')).toBeUndefined();
  expect(refusesBase(filter, 'topic')).toMatch('topic');
});

describe('paths', () => {
  test('one that is wanted is enough', () => {
    expect(refusesPaths({ paths: ['src/**'], pathsIgnore: [] }, ['docs/a', 'src/b'])).toBeUndefined();
    expect(refusesPaths({ paths: ['src/**'], pathsIgnore: [] }, ['docs/a'])).toBeDefined();
  });

  test('all that are ignored are none', () => {
    expect(refusesPaths({ paths: [], pathsIgnore: ['docs/**'] }, ['docs/a', 'docs/b'])).toBeDefined();
    expect(refusesPaths({ paths: [], pathsIgnore: ['docs/**'] }, ['docs/a', 'src/b'])).toBeUndefined();
  });
});

describe('a message asks for no build', () => {
  test.each([
    '[skip ci] typo',
    'typo [CI SKIP]',
    'a\n\nb [no ci]',
    'a\n\nbody\n\nskip-checks: true',
    'a\n\nx: y\nskip-checks:true\n',
  ])('%j', (message) => {
    expect(asksToSkip(message)).toBe(true);
  });

  test.each([
    'skip ci',
    '[skip]',
    'skip-checks: true',
    'a\n\nskip-checks: true\n\nmore',
    'fix [skip cider]',
    '',
  ])('%j does not', (message) => {
    expect(asksToSkip(message)).toBe(false);
  });
});
