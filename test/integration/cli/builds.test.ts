import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, type Place, type Running } from '#test/footman';

let place: Place;
let controller: Running;

beforeAll(async () => {
  place = await createPlace();
  controller = place.start('serve', '--listen', '127.0.0.1:0');
  await controller.said('listening on ');
});

afterAll(() => place[Symbol.asyncDispose]());

describe('a job that is tried again', () => {
  test('is shown attempt by attempt, and the last one counts', async () => {
    const { exit, out } = await place.run('run', await place.write('flaky.yaml', flaky()));
    expect(exit).toBe(0);
    expect(out).toContain('[main] first\n');
    expect(out).toMatch(/^\[main\] attempt 1 failure: .*; attempt 2 starts at once$/m);
    expect(out).toContain('[main, attempt 2] second\n');
    expect(out).toMatch(/^\[main, attempt 2\] job success$/m);
    expect(out).toMatch(/^build \d+ \(flaky\): success in /m);
    expect(out.match(/^artifact out of main /gm)).toHaveLength(1);
  });

  test('has the log of its last attempt, and of any that is named', async () => {
    const number = await newest();
    expect((await place.run('logs', `${number}/main/1`)).out).toBe('second\n');
    expect((await place.run('logs', '--attempt', '1', `${number}/main/1`)).out).toBe('first\n');
    expect((await place.run('logs', number)).out).toMatch(
      /^==> main, attempt 2: try <==\nsecond\n==> main, attempt 2: store what the job leaves <==\n/,
    );
    const { exit, err } = await place.run('logs', '--attempt', '3', `${number}/main`);
    expect(exit).toBe(66);
    expect(err).toBe('footman: job main has no attempt 3\nhint: the last one is 2\n');
  });
});

describe('cells of a matrix', () => {
  test('have keys that commands take', async () => {
    const { exit, out } = await place.run('run', await place.write('cells.yaml', CELLS));
    expect(exit).toBe(0);
    expect(out).toContain('[main (a/b)] hi\n');
    const number = await newest();
    expect((await place.run('logs', `${number}/main (a/b)/say`)).out).toBe('hi\n');
    expect((await place.run('logs', `${number}/main`)).out).toMatch(
      /^==> main \(a\/b\): say <==\nhi\n==> main \(a\/b\): store [^]*==> main \(c\): say <==\nhi\n/,
    );
    const got = await place.run('artifacts', 'get', number, '--to', 'got');
    expect(got.out).toMatch(/got\/main \(a_b\)\/out\/x\n.*got\/main \(c\)\/out\/x\n$/);
  });
});

describe('footman cancel', () => {
  test('ends one job, and lets the others go on', async () => {
    const run = place.start('run', await place.write('two.yaml', two()));
    await Promise.all([run.said('[a] up'), run.said('[b] up')]);
    const number = await newest();
    expect((await place.run('cancel', number, '--job', 'a')).out).toBe(
      `job a of build ${number} is being cancelled\n`,
    );
    await run.said('[a] job cancelled');
    await place.write('go', '');
    const { exit, out } = await run.ended;
    expect(exit).toBe(130);
    expect(out).toContain('[b] job success\n');
  });

  test('by force waits for nothing', async () => {
    const run = place.start('run', await place.write('stubborn.yaml', STUBBORN));
    await run.said('[main] up');
    const number = await newest();
    await place.run('cancel', '--force', number);
    const { exit, out } = await run.ended;
    expect(exit).toBe(130);
    expect(out).not.toContain('post');
    expect(out).toMatch(/^build \d+ \(stubborn\): cancelled in /m);
  });
});

describe('footman rerun', () => {
  test('runs what failed, with what the others had made', async () => {
    await place.run('run', await place.write('half.yaml', half()));
    const number = await newest();
    const { exit, out } = await place.run('rerun', '--failed', '--follow', number);
    expect(exit).toBe(0);
    expect(out).not.toContain('[good] step');
    expect(out).toContain('[bad] mended\n');
    const [first] = (await place.run('builds', '-n', '2')).out.split('\n');
    expect(first).toMatch(new RegExp(`^${Number(number) + 1}\tsuccess\thalf\trerun of ${number}\t`));
  });

  test('of one job, without waiting for it', async () => {
    const number = await newest();
    const { exit, out } = await place.run('rerun', '--job', 'good', number);
    expect(exit).toBe(0);
    expect(out).toBe(`build ${Number(number) + 1} runs job good of build ${number} again\n`);
    expect((await place.run('logs', '-f', await newest())).out).toContain('fine\n');
  });

  test.each([
    [['--failed', '--job', 'good'], 64, 'only one makes sense'],
    [['--job', 'nope'], 66, 'has no job nope'],
  ])('%j is told what is wrong', async (args, exit, sentence) => {
    const ended = await place.run('rerun', ...args, await newest());
    expect(ended.exit).toBe(exit);
    expect(ended.err).toContain(sentence);
  });
});

async function newest(): Promise<string> {
  return (await place.run('builds', '-n', '1')).out.split('\t')[0] ?? '';
}

/** Fails as long as nobody has left a mark. */
function flaky(): string {
  const mark = `${place.folder}/flaky`;
  return `jobs:
  main:
    runs-on: linux
    retry: 1
    steps: [{ name: try, run: 'echo x > x; [ -e ${mark} ] && echo second && exit; touch ${mark}; echo first; exit 1' }]
    artifacts: [{ name: out, paths: [x], when: always }]
`;
}

function half(): string {
  const mark = `${place.folder}/half`;
  return `jobs:
  good: { runs-on: linux, steps: [{ run: echo fine }] }
  bad: { needs: good, runs-on: linux, steps: [{ run: '[ -e ${mark} ] && echo mended && exit; touch ${mark}; exit 1' }] }
`;
}

function two(): string {
  return `jobs:
  a: { runs-on: linux, steps: [{ run: echo up; sleep 60 & wait }] }
  b: { runs-on: linux, steps: [{ run: 'echo up; while [ ! -e ${place.folder}/go ]; do sleep 0.05; done' }] }
`;
}

const CELLS = `jobs:
  main:
    runs-on: linux
    matrix: { part: [a/b, c], max-parallel: 1 }
    steps: [{ name: say, run: echo hi > x; cat x }]
    artifacts: [{ name: out, paths: [x] }]
`;

const STUBBORN = `jobs:
  main:
    runs-on: linux
    steps: [{ run: 'trap "" TERM; echo up; while :; do sleep 1; done' }]
    post: { always: [{ name: post, run: echo post }] }
`;
