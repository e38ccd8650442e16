import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, type Place, type Running } from '#test/footman';

let place: Place;
let controller: Running;

const PIPELINE = `
jobs:
  main:
    runs-on: linux
    steps:
      - { name: count, run: "seq 1 5000; echo 'FATAL: no more'" }
      - { name: talk, run: "printf 'fatal error\\\\nfine\\\\nlast: fatal'" }
`;

beforeAll(async () => {
  place = await createPlace();
  controller = place.start('serve', '--listen', '127.0.0.1:0');
  await controller.said('listening on ');
  expect((await place.run('run', await place.write('main.yaml', PIPELINE))).exit).toBe(0);
});

afterAll(() => place[Symbol.asyncDispose]());

describe('footman logs --lines', () => {
  test.each([
    ['3-5', '3\n4\n5\n'],
    ['4999', '4999\n'],
    ['5000-', '5000\nFATAL: no more\n'],
    ['9000-', ''],
  ])('%s', async (lines, expected) => {
    expect(await place.run('logs', '--lines', lines, '1/main/count')).toMatchObject({
      exit: 0,
      out: expected,
    });
  });

  test('of each step, where there are several', async () => {
    expect((await place.run('logs', '--lines', '2', '1')).out).toBe(
      '==> main: count <==\n2\n==> main: talk <==\nfine\n',
    );
  });
});

describe('footman logs --grep', () => {
  test('gives lines with their numbers', async () => {
    expect(await place.run('logs', '--grep', '99', '--lines', '1', '1')).toMatchObject({ exit: 64 });
    const { exit, out } = await place.run('logs', '--grep', '499', '1/main/count');
    expect(exit).toBe(0);
    const numbers = [499, 1499, 2499, 3499, 4499, ...Array.from({ length: 10 }, (_, i) => 4990 + i)];
    expect(out).toBe(
      numbers
        .toSorted((a, b) => a - b)
        .map((n) => `${n}:${n}\n`)
        .join(''),
    );
  });

  test('names the steps that have some, and those alone', async () => {
    expect((await place.run('logs', '--grep', 'fatal', '1')).out).toBe(
      '==> main: talk <==\n1:fatal error\n3:last: fatal\n',
    );
    expect((await place.run('logs', '--grep', 'fatal', '-i', '1/main')).out).toBe(
      '==> main: count <==\n5001:FATAL: no more\n==> main: talk <==\n1:fatal error\n3:last: fatal\n',
    );
  });

  test('gives more than one answer of the controller has', async () => {
    const { out } = await place.run('logs', '--grep', '1', '1/main/count');
    expect(out.split('\n')).toHaveLength(
      1 + Array.from({ length: 5000 }, (_, i) => `${i + 1}`).filter((n) => n.includes('1')).length,
    );
  });

  test('fails where there is nothing, as grep does', async () => {
    expect(await place.run('logs', '--grep', 'nowhere', '1')).toMatchObject({ exit: 1, out: '', err: '' });
  });
});

test.each([
  [['--lines', '0-3'], 'the first line is 1'],
  [['--lines', '5-3'], 'the first line is 1'],
  [['--lines', 'x'], 'the first line is 1'],
  [['--lines', '1', '--tail', '2'], 'of --tail and --lines only one makes sense'],
  [['--grep', 'x', '-f'], '--grep reads what is there'],
  [['-i'], '--ignore-case makes sense with --grep alone'],
  [['--grep', ''], 'the query is not as this call wants it'],
])('refused: %j', async (options, said) => {
  const { exit, err } = await place.run('logs', ...options, '1/main/count');
  expect(exit).toBe(64);
  expect(err).toContain(said);
});
