import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, type Place } from '#test/footman';

let place: Place;

beforeAll(async () => {
  place = await createPlace();
  await mkdir(join(place.folder, '.git'));
  await mkdir(join(place.folder, 'ci/deep'), { recursive: true });
  await place.write('ci/common.yaml', COMMON);
  await place.write('ci/deep/uses.yaml', USES);
  await place.write('risky.yaml', RISKY);
  await place.write('asks.yaml', ASKS);
});

afterAll(() => place[Symbol.asyncDispose]());

describe('footman lint', () => {
  test('tells warnings on standard error, and they are no mistakes', async () => {
    const { exit, out, err } = await place.run('lint', 'risky.yaml');
    expect({ exit, out }).toEqual({ exit: 0, out: '' });
    expect(err).toMatch(/^risky\.yaml:4:\d+: warning: .*build\.branch.*$/m);
  });

  test('denies them where that is wanted', async () => {
    expect((await place.run('lint', '--deny-warnings', 'risky.yaml')).exit).toBe(65);
    const { problems } = JSON.parse((await place.run('--json', 'lint', 'risky.yaml')).out) as {
      problems: object[];
    };
    expect(problems).toEqual([expect.objectContaining({ severity: 'warning', line: 4 })]);
  });

  test('reads templates from the top of the repository, and names them as they are found from here', async () => {
    expect(await place.run('lint', 'ci/deep/uses.yaml')).toEqual({ exit: 0, out: '', err: '' });
    await place.write('ci/wrong.yaml', 'templates: { unit: { jobb: {} } }\n');
    await place.write('wrong.yaml', USES.replace('common', 'wrong'));
    const { exit, out } = await place.run('lint', 'wrong.yaml');
    expect(exit).toBe(65);
    expect(out).toMatch(/^ci\/wrong\.yaml:1:\d+: .*jobb/m);
  });

  test('reads no template out of a link that leaves the repository', async () => {
    await symlink('/etc/hostname', join(place.folder, 'ci/link.yaml'));
    await place.write('leaves.yaml', USES.replace('common', 'link'));
    const { exit, out } = await place.run('lint', 'leaves.yaml');
    expect(exit).toBe(65);
    expect(out).toMatch(/^leaves\.yaml:3:\d+: .*ci\/link\.yaml/m);
  });
});

describe('parameters', () => {
  test('come from a file, and from the command line, which wins', async () => {
    await place.write('given.yaml', 'version: 1.10\ncount: 2\n');
    const args = ['--parameters-file', 'given.yaml', '-p', 'count=3', '-p', 'note=a=b'];
    const { exit, out } = await place.run('run', ...args, 'asks.yaml');
    expect(exit).toBe(0);
    expect(out).toContain('[main] 1.10 3 a=b\n');
  });

  test.each([
    ['one that is not there', ['-p', 'versoin=1'], /versoin/],
    ['a value of another type', ['-p', 'version=1', '-p', 'count=many'], /count/],
    ['one without a value', ['-p', 'version'], /-p name=value/],
    ['one that is missing', [], /version/],
  ])('%s is told before anything starts', async (_, args, sentence) => {
    const { exit, err, out } = await place.run('run', ...args, 'asks.yaml');
    expect({ exit, out }).toEqual({ exit: 64, out: '' });
    expect(err).toMatch(sentence);
  });

  test('mistakes of their file are told where they are', async () => {
    await place.write('list.yaml', 'version: [1]\n');
    const { exit, err } = await place.run('run', '--parameters-file', 'list.yaml', 'asks.yaml');
    expect(exit).toBe(65);
    expect(err).toMatch(/^list\.yaml:1:10: /);
  });
});

test('templates go along with a run', async () => {
  const { exit, out } = await place.run('run', 'ci/deep/uses.yaml');
  expect(exit).toBe(0);
  expect(out).toContain('[main] unit tests\n');
});

const COMMON =
  'templates: { unit: { job: { runs-on: linux, steps: [{ name: t, run: echo unit tests }] } } }\n';

const USES = `jobs:
  main:
    uses: ./ci/common.yaml#unit
`;

const RISKY = `jobs:
  main:
    runs-on: linux
    steps: [{ run: 'echo \${{ build.branch }}' }]
`;

const ASKS = `on:
  manual:
    parameters:
      version: { type: string }
      count: 1
      note: none
jobs:
  main:
    runs-on: linux
    env: { TEXT: '\${{ parameters.version }} \${{ parameters.count }} \${{ parameters.note }}' }
    steps: [{ name: say, run: echo "$TEXT" }]
`;
