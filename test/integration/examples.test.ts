import { spawn } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, follow, FOOTMAN, type Ended, type Place } from '#test/footman';

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** Quickstart needs this repository's dependencies; `npm run demo` is its test. */
const FILES = globSync('*.yaml', { cwd: EXAMPLES }).sort();

let place: Place;

beforeAll(async () => {
  place = await createPlace();
});

afterAll(() => place[Symbol.asyncDispose]());

describe('examples do what they say', () => {
  test('matrix', async () => {
    const { exit, out } = await example('matrix');
    expect(exit).toBe(0);
    expect(said(out, / (\d \w+ in \S+)$/gm).sort()).toEqual([
      '0 lines in C.UTF-8',
      '3 chars in C.UTF-8',
      '4 bytes in C.UTF-8',
      '4 chars in C',
    ]);
  });

  test('fan-out and fan-in', async () => {
    const { exit, out } = await example('fan-out-fan-in');
    expect(exit).toBe(0);
    expect(out).toContain('[sum (41 70)] ');
    expect(out).toContain('[total] 820 + 1665 + 2565 = 5050\n');
  });

  test('conditions', async () => {
    const { exit, out } = await example('conditions');
    expect(exit).toBe(0);
    expect(out).toMatch(/^\[build\] step 2\/3 failure \(allowed\)/m);
    expect(out).toContain('[build] the style could be better\n');
    expect(out).toMatch(/^\[publish\] job skipped: .*parameters\.release/m);
    expect(out).toContain('[summary] build success, publish skipped\n');
    expect(out).toMatch(/^\[alarm\] job skipped: /m);
  });

  test('conditions, with a parameter', async () => {
    const { exit, out } = await example('conditions', '-p', 'release=true');
    expect(exit).toBe(0);
    expect(out).toContain('[publish] published\n');
    expect(out).toContain('[summary] build success, publish success\n');
  });

  test('cache: the second build takes what the first one made', async () => {
    const [first, second] = [await example('cache'), await example('cache')];
    expect([first.exit, second.exit]).toEqual([0, 0]);
    expect(first.out).toContain('[primes] made anew\n');
    expect(second.out).toContain('[primes] taken from the cache\n');
    for (const { out } of [first, second]) expect(out).toContain('[primes] 168\n');
  });

  test('secrets: masked, and only where they are named', async () => {
    const set = await withInput('correct horse', 'secret', 'set', 'DEMO_PASSWORD');
    expect(set).toMatchObject({ exit: 0 });
    const { exit, out, err } = await example('secrets');
    expect(exit).toBe(0);
    expect(out).toMatch(/^\[login\] the password is \*+$/m);
    expect(out).toMatch(/^\[login\] in base64: \*+$/m);
    expect(out).toContain("[login] here it is ''\n");
    expect(out + err).not.toContain('correct horse');
    expect(out + err).not.toContain(Buffer.from('correct horse').toString('base64'));
  });

  test('secrets: without the secret, the job says which one is missing', async () => {
    expect((await place.run('secret', 'rm', 'DEMO_PASSWORD')).exit).toBe(0);
    const { exit, out } = await example('secrets');
    expect(exit).not.toBe(0);
    expect(out).toContain('DEMO_PASSWORD');
  });

  test('cron, by hand', async () => {
    const { exit, out } = await example('cron');
    expect(exit).toBe(0);
    expect(out).toContain('[report] started by: manual\n');
  });

  test('retries', async () => {
    const { exit, out } = await example('retries');
    expect(exit).toBe(0);
    expect(out).toMatch(/^\[download\] attempt 1 failure: .*; attempt 2 starts in 1s$/m);
    expect(out).toContain('[download, attempt 2] done at attempt 2\n');
    expect(out).toMatch(/^\[forecast\] job failure \(allowed\)/m);
    expect(out).toMatch(/^build \d+ \(retries\): success/m);
  });

  test.each([
    ['false', 0, 'well done'],
    ['true', 1, 'the log is among the artifacts'],
  ])('post, with break=%s', async (broken, code, words) => {
    const { exit, out } = await example('post', '-p', `break=${broken}`);
    expect(exit).toBe(code);
    expect(said(out, /^\[test\] (?:well done|the log .*)$/gm)).toEqual([`[test] ${words}`]);
    const folder = /^artifact logs of test \(1 file, 8 B\): (.+)$/m.exec(out)?.[1] ?? '';
    expect(await readFile(join(folder, 'out/test.log'), 'utf8')).toBe('testing\n');
  });

  test('tests: what they say is counted, and what broke is new', async () => {
    const first = await example('tests');
    expect([first.exit, first.out]).toEqual([0, expect.stringMatching(/^3 tests: 2 passed, 1 skipped$/m)]);
    const second = await example('tests', '-p', 'broken=true');
    expect(second.exit).toBe(1);
    expect(second.out).toMatch(/^3 tests: 1 passed, 1 failed \(1 new\), 1 skipped: footman tests \d+$/m);
  });

  test('artifacts: what one job left, another takes, and people find', async () => {
    const { exit, out } = await example('artifacts');
    expect(exit).toBe(0);
    expect(out).toContain('[test] hello from a job that is over\n');
    expect(out).toContain('[test] 99 pages\n');
    const [bin, log] = ['bin of build', 'log of test'].map(
      (name) => new RegExp(`^artifact ${name} \\(.*\\): (.+)$`, 'm').exec(out)?.[1] ?? '',
    );
    expect(await readlink(join(bin ?? '', 'out/bin/hello'))).toBe('hello-1.0');
    expect(await readFile(join(log ?? '', 'test.log'), 'utf8')).toBe('hello from a job that is over\n');
  });

  test('templates', async () => {
    const { exit, out } = await example('templates');
    expect(exit).toBe(0);
    expect(said(out, /^\[(.*)\] hello .*$/gm)).toHaveLength(7);
    expect(out).toContain('[once] hello world\n');
    expect(out).toContain('[often (moon)] hello moon\n');
    expect(out.match(/^\[steps\] [ab]$/gm)).toEqual(['[steps] a', '[steps] b', '[steps] a', '[steps] b']);
  });
});

test('every example is without mistakes and warnings', async () => {
  expect(FILES.length).toBeGreaterThanOrEqual(10);
  const paths = FILES.map((file) => join(EXAMPLES, file));
  expect(await place.run('lint', '--deny-warnings', ...paths)).toEqual({ exit: 0, out: '', err: '' });
});

test.each(FILES)('%s can be explained', async (file) => {
  const { exit, out } = await place.run('explain', join(EXAMPLES, file));
  expect(exit).toBe(0);
  expect(out).toContain('process');
});

function example(name: string, ...args: string[]): Promise<Ended> {
  return place.run('run', ...args, join(EXAMPLES, `${name}.yaml`));
}

function said(out: string, pattern: RegExp): string[] {
  return [...out.matchAll(pattern)].map(([whole, part]) => part ?? whole);
}

function withInput(input: string, ...args: string[]): Promise<Ended> {
  const child = spawn(FOOTMAN, args, { cwd: place.folder, env: place.env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  return follow(child).ended;
}
