import { describe, expect, test } from 'vitest';
import type { Build } from '#controller/store';
import { placeOf } from './api-base.ts';
import { judge } from './outcome.ts';
import { retryAt } from './retry.ts';
import { contextOf, describe as describeBuild } from './wanted.ts';

describe('the place of a repository in the API', () => {
  test.each([
    ['github', 'https://github.com/acme/shop.git', 'https://api.github.com', 'acme/shop'],
    ['github', 'https://github.com/acme/shop', 'https://api.github.com', 'acme/shop'],
    ['github', 'git@github.com:acme/shop.git', 'https://api.github.com', 'acme/shop'],
    ['github', 'ssh://git@GitHub.com/acme/shop.git/', 'https://api.github.com', 'acme/shop'],
    ['github', 'https://ghe.example/acme/shop.git', 'https://ghe.example/api/v3', 'acme/shop'],
    ['gitlab', 'https://gitlab.com/a/b/c/shop.git', 'https://gitlab.com/api/v4', 'a/b/c/shop'],
    ['gitlab', 'git@gitlab.example:a/b/shop.git', 'https://gitlab.example/api/v4', 'a/b/shop'],
    ['gitea', 'http://git.example:3000/acme/shop.git', 'http://git.example:3000/api/v1', 'acme/shop'],
    ['gitea', 'ssh://git@git.example:2222/acme/shop.git', 'https://git.example/api/v1', 'acme/shop'],
    ['gitea', 'https://codeberg.org/acme/my%20shop.git', 'https://codeberg.org/api/v1', 'acme/my shop'],
  ] as const)('%s %s', (provider, repository, api, path) => {
    expect(placeOf({ provider, repository, api_url: null })).toEqual({ api, path });
  });

  test('is the one that the project names, and a path of the host is no part of the name', () => {
    const repository = 'https://host.example/gitlab/acme/shop.git';
    const api = 'https://host.example/gitlab/api/v4/';
    expect(placeOf({ provider: 'gitlab', repository, api_url: api })).toEqual({
      api: 'https://host.example/gitlab/api/v4',
      path: 'acme/shop',
    });
  });

  test.each(['/srv/git/shop.git', 'https://github.com/', 'https://github.com/shop', 'shop'])(
    '%s has none',
    (repository) => {
      expect(placeOf({ provider: 'github', repository, api_url: null })).toBeUndefined();
    },
  );
});

describe('an answer', () => {
  const now = Date.parse('2026-01-01T00:00Z');
  test.each([
    [200, {}, '', { kind: 'told' }],
    [201, {}, 'no JSON', { kind: 'told' }],
    [400, {}, '{"message":"Cannot transition status via :run from :running"}', { kind: 'told' }],
    [400, {}, '{"message":"bad"}', { kind: 'refused', problem: 'the provider answered 400: bad' }],
    [
      422,
      {},
      '{"message":{"sha":["unknown"]}}',
      { kind: 'refused', problem: expect.stringContaining('{"sha":["unknown"]}') },
    ],
    [404, {}, '<html>', { kind: 'refused', problem: 'the provider answered 404' }],
    [
      301,
      { location: 'https://x/y' },
      '',
      { kind: 'refused', problem: expect.stringContaining('has moved to https://x/y') },
    ],
    [
      301,
      { location: `https://x/${'y'.repeat(10_000)}` },
      '',
      { kind: 'refused', problem: expect.stringMatching(/^.{1,300}$/) },
    ],
    [500, {}, '', { kind: 'later', problem: 'the provider answered 500' }],
    [429, { 'retry-after': '30' }, '', { kind: 'later', pauseMs: 30_000 }],
    [429, { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT' }, '', { kind: 'later', pauseMs: 120_000 }],
    [429, { 'retry-after': '99999999999' }, '', { kind: 'later', pauseMs: 3_600_000 }],
    [429, { 'retry-after': 'soon' }, '', { kind: 'later' }],
    [
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 60) },
      '',
      { kind: 'later', pauseMs: 60_000 },
    ],
    [
      403,
      { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': String(now / 1000 + 60) },
      '',
      { kind: 'refused' },
    ],
    [503, { 'retry-after': '5' }, '', { kind: 'later', pauseMs: 5000 }],
  ])('%d %j %s', (status, headers, text, expected) => {
    expect(judge(status, new Headers(headers as Record<string, string>), text, now)).toMatchObject(expected);
  });
});

test('tries come further and further apart, spread by chance, and end', () => {
  const later = { kind: 'later', problem: '' } as const;
  expect([1, 2, 3, 20].map((failures) => retryAt(later, failures, 0, 0.999_999))).toEqual([
    2000, 4000, 8000, 900_000,
  ]);
  expect(retryAt(later, 1, 0, 0)).toBe(1000);
  expect(retryAt({ ...later, pauseMs: 60_000 }, 1, 0, 0)).toBe(60_000);
  expect(retryAt(later, 100, 0, 0)).toBeNull();
  expect([1, 2, 3].map((failures) => retryAt({ kind: 'refused', problem: '' }, failures, 0, 0))).toEqual([
    1000,
    2000,
    null,
  ]);
});

describe('words', () => {
  test('fit into 140 characters of one line, whatever the reason holds', () => {
    const build = { state: 'finished', result: 'failure', number: 7 } as Build;
    expect(describeBuild({ ...build, reason: null })).toBe('build 7: failure');
    expect(describeBuild({ ...build, reason: 'job\n\u001B[31m a failed ' })).toBe(
      'build 7: failure, job [31m a failed',
    );
    for (let pad = 0; pad < 4; pad++) {
      const text = describeBuild({ ...build, reason: 'x'.repeat(pad) + '😀'.repeat(100) });
      expect(text.length).toBeLessThanOrEqual(140);
      expect(text.isWellFormed()).toBe(true);
      expect(text.endsWith('😀…')).toBe(true);
    }
  });

  test('a long name is cut', () => {
    expect(contextOf('x'.repeat(300))).toHaveLength(255);
  });
});
