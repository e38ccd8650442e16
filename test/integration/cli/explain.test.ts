import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, type Place } from '#test/footman';

let place: Place;

beforeAll(async () => {
  place = await createPlace();
  await place.write('all.yaml', ALL);
});

afterAll(() => place[Symbol.asyncDispose]());

test('shows all that a pipeline comes to, without a controller', async () => {
  expect(await place.run('explain', '-p', 'arch=arm', 'all.yaml')).toEqual({
    exit: 0,
    out: EXPLAINED,
    err: '',
  });
});

test('speaks JSON to programs', async () => {
  const { out } = await place.run('--json', 'explain', 'all.yaml');
  expect(JSON.parse(out)).toMatchObject({
    name: 'all',
    file: 'all.yaml',
    parameters: { arch: 'x64' },
    jobs: [
      { key: 'plan', runsOn: 'linux && x64', templates: null },
      { key: 'test (3, linux)', base: 'test', secrets: ['TOKEN'] },
      { key: 'test (5, vm)' },
      { key: 'late', later: ['matrix'] },
    ],
  });
});

test('with a controller, it says which templates match', async () => {
  const controller = place.start('serve', '--listen', '127.0.0.1:0');
  await controller.said('listening on ');
  const { out } = await place.run('explain', 'all.yaml');
  expect(out).toContain('runs on      linux && x64 → no template\n');
  expect(out).toContain('test (3, linux)  linux → local/host\n');
  const { jobs } = JSON.parse((await place.run('--json', 'explain', 'all.yaml')).out) as {
    jobs: { templates: string[] | null }[];
  };
  expect(jobs.map(({ templates }) => templates)).toEqual([[], ['local/host'], [], ['local/host']]);
  controller.child.kill('SIGTERM');
  await controller.ended;
});

test('mistakes are told as lint tells them', async () => {
  const { exit, out, err } = await place.run('explain', await place.write('bad.yaml', 'jobs: {}\n'));
  expect({ exit, out }).toEqual({ exit: 65, out: '' });
  expect(err).toMatch(/^bad\.yaml:1:\d+: /);
});

const ALL = `on:
  push: { branches: [main, 'release/**'] }
  schedule: [{ cron: H 3 * * *, timezone: Europe/Berlin }]
  manual: { parameters: { arch: { default: x64, description: What to build for. } } }
concurrency: { group: 'all-\${{ parameters.arch }}', cancel-in-progress: true }
timeout: 2h
jobs:
  plan:
    runs-on: linux && \${{ parameters.arch }}
    outputs: { parts: '\${{ steps.split.outputs.parts }}' }
    steps: [{ name: split, id: split, run: 'true' }]
  test:
    needs: plan
    if: \${{ parameters.arch != 'none' }}
    runs-on: \${{ matrix.label }}
    matrix: { size: [3, 5], include: [{ size: 3, label: linux }, { size: 5, label: vm }], fail-fast: false }
    timeout: 30m
    queue-timeout: 5m
    retry: { max: 2, on: [errored, 75], delay: 10s }
    priority: high
    steps:
      - { name: a long name, run: 'true', env: { TOKEN: '\${{ secrets.TOKEN }}' } }
      - { name: b, run: 'true', if: failure(), timeout: 1m, continue-on-error: true }
    post: { always: [{ name: collect, run: 'true' }], failure: [{ name: tell, run: 'true' }] }
    artifacts: [{ name: out, paths: ['out/**'], expire: 14d, archive: true }, { paths: [a, b] }]
    reports: { junit: [out/*.xml] }
  late:
    needs: [plan, test]
    runs-on: linux
    continue-on-error: true
    matrix: { part: '\${{ fromJSON(needs.plan.outputs.parts) }}' }
    artifacts: [{ from: test, name: out }]
    steps: [{ name: c, run: 'true' }]
`;

const EXPLAINED = `all  all.yaml
  push         branches main release/**
  schedule     H 3 * * * (Europe/Berlin)
  parameters   arch = "arm" (string): What to build for.
  timeout      2h
  concurrency  all-\${{ parameters.arch }}, 1 at a time, the newest cancels the others

plan
  runs on      linux && arm
  timeout      1h
  outputs      parts
  steps        1  split

test × 2, all to their end
  cells        test (3, linux)  linux
               test (5, vm)     vm
  needs        plan
  if           parameters.arch != 'none'
  secrets      TOKEN
  timeout      30m, and 5m to wait for a node
  retry        up to 2 times after errored or exit code 75, each 10s later
  priority     75
  steps        1  a long name
               2  b  if failure() · timeout 1m · may fail
  post         always   collect
               failure  tell
  artifacts    out: out/**, in one archive, for 14d
               artifacts-2: a b
  reports      out/*.xml

late × a matrix that only the build knows
  runs on      linux
  needs        plan, test
  timeout      1h
  failure      allowed
  steps        1  take out from test
               2  c
`;
