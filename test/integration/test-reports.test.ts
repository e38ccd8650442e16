import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Build, TestHistory, TestList, TestRunInFull, TestRunList } from '#controller/api';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { createPlace, type Place } from '#test/footman';

/** Reports of tests on their whole way: from a file on a node, over the storage, to who asks for them. */

const SECRET = 'correct horse battery';

let controller: EmbeddedController;
let place: Place;

beforeAll(async () => {
  controller = await startEmbeddedController(
    'clouds: { local: { kind: process, max-nodes: 2, templates: { host: { labels: linux } } } }',
  );
  await controller.api.put('/secrets/TOKEN', { value: SECRET, scope: 'controller' });
  place = await createPlace();
  Object.assign(place.env, { FOOTMAN_URL: controller.url, FOOTMAN_TOKEN: await controller.token() });
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await controller.dispose();
});

/** The pipeline `name` whose job writes these files, and ends as it is told. */
function pipeline(name: string, files: Record<string, string>, exit = 0): string {
  const writing = Object.entries(files).map(([file, text]) => `cat > ${file} <<'END'\n${text}\nEND`);
  const run = ['mkdir -p out', ...writing, `exit ${exit}`].join('\n');
  return JSON.stringify({
    name,
    jobs: {
      unit: {
        'runs-on': 'linux',
        steps: [{ run, env: { TOKEN: '${{ secrets.TOKEN }}' } }],
        reports: { junit: 'out/*.xml' },
      },
    },
  });
}

async function built(name: string, files: Record<string, string>, exit = 0): Promise<Build> {
  const file = await place.write('build.yaml', pipeline(name, files, exit));
  const { out } = await place.run('--json', 'run', file);
  const lines = out.trim().split('\n');
  return (JSON.parse(lines.at(-1) ?? '') as { build: Build }).build;
}

function get<T>(path: string): Promise<T> {
  return controller.api.get<T>(path);
}

const suite = (...cases: string[]): string => `<testsuite name="s">${cases.join('')}</testsuite>`;
const passed = (name: string): string => `<testcase classname="C" name="${name}" time="0.5"/>`;
const failed = (name: string, message = 'no'): string =>
  `<testcase classname="C" name="${name}"><failure message="${message}">why</failure><system-out>out</system-out></testcase>`;

test('the tests of a failing job are counted on job and build, and told one by one', async () => {
  const files = { 'out/a.xml': suite(passed('a'), failed('b')), 'out/b.xml': suite(passed('c')) };
  const build = await built('counted', files, 1);
  const counts = {
    total: 3,
    passed: 2,
    failed: 1,
    errored: 0,
    skipped: 0,
    newFailures: 0,
    flaky: 0,
    ms: 1000,
  };
  expect([build.result, build.tests]).toEqual(['failure', counts]);
  const [job] = build.jobs;
  expect([job?.result, job?.tests]).toEqual(['failure', counts]);
  // They are nobody's artifact.
  expect(job?.artifacts).toEqual([]);
  const list = await get<TestRunList>(`/builds/${build.number}/tests`);
  expect(list.tests.map(({ suite: of, name, result }) => `${of}.${name} ${result}`)).toEqual([
    'C.a passed',
    'C.b failed',
    'C.c passed',
  ]);
  const bad = await get<TestRunList>(`/jobs/${job?.id}/tests?result=failed,errored`);
  expect(bad.tests.map(({ name }) => name)).toEqual(['b']);
  const shown = await get<TestRunInFull>(`/jobs/${job?.id}/tests/${bad.tests[0]?.testId}`);
  expect(shown).toMatchObject({ message: 'no', detail: 'why', stdout: 'out', stderr: null });
});

test('a report that can not be read changes no result, and the log of the last step says so', async () => {
  const build = await built('broken', { 'out/a.xml': 'oops', 'out/b.xml': suite(passed('a')) });
  expect([build.result, build.tests?.total]).toEqual(['success', 1]);
  const { problems } = await get<TestRunList>(`/builds/${build.number}/tests`);
  expect(problems).toEqual([expect.stringMatching(/^out\/a\.xml is not well-formed/)]);
  const { out } = await place.run('logs', String(build.number));
  expect(out).toMatch(/^.*1 test: 1 passed; out\/a\.xml is not well-formed.*$/m);
});

test('an artifact may be called as one likes, `junit` too, and is not taken for the reports', async () => {
  const source = `
jobs:
  unit:
    runs-on: linux
    steps:
      - run: |
          echo '${suite(passed('a'))}' > a.xml
          echo mine > mine
    artifacts: [{ name: junit, paths: mine }]
    reports: { junit: a.xml }
`;
  const { out } = await place.run('run', await place.write('named.yaml', source));
  const number = /^build (\d+)/m.exec(out)?.[1] ?? '';
  expect(out).toMatch(/^\[unit\] junit: 1 file, 5 B/m);
  expect(out).toMatch(/^\[unit\] reports of tests: 1 file/m);
  expect((await place.run('artifacts', number)).out).toBe('unit\tjunit\tcomplete\t1\t5\t\n');
  expect((await place.run('artifacts', 'cat', number, 'unit', 'junit', 'mine')).out).toBe('mine\n');
  expect((await get<TestRunList>(`/builds/${number}/tests`)).tests).toMatchObject([{ name: 'a' }]);
});

test('L17: a secret in a report is masked wherever the test is shown', async () => {
  const build = await built('masked', { 'out/a.xml': suite(failed(SECRET, SECRET)) });
  const { tests } = await get<TestRunList>(`/builds/${build.number}/tests`);
  expect(tests).toMatchObject([{ name: '***', message: '***' }]);
});

test('what fails first, and what goes to and fro, is marked, and found by its history', async () => {
  const numbers: number[] = [];
  for (const cases of [
    [passed('new'), failed('shaky')],
    [passed('new'), passed('shaky')],
    [failed('new'), failed('shaky')],
  ]) {
    numbers.push((await built('marked', { 'out/a.xml': suite(...cases) })).number);
  }
  const last = numbers.at(-1) ?? 0;
  const { tests, counts } = await get<TestRunList>(`/builds/${last}/tests`);
  expect(tests.map(({ name, isNew, isFlaky }) => [name, isNew, isFlaky])).toEqual([
    ['new', true, false],
    ['shaky', true, true],
  ]);
  expect(counts).toMatchObject({ failed: 2, newFailures: 2, flaky: 1 });
  const flaky = await get<TestList>('/tests?flaky=true&pipeline=marked');
  expect(flaky.tests.map(({ name }) => name)).toEqual(['shaky']);
  const history = await get<TestHistory>(`/tests/${flaky.tests[0]?.id}/history?limit=2`);
  expect(history.runs.map(({ build, result }) => [build, result])).toEqual([
    [last, 'failed'],
    [last - 1, 'passed'],
  ]);
  const older = await get<TestHistory>(`/tests/${history.id}/history?limit=2&before=${history.next}`);
  expect(older.runs.map(({ build }) => build)).toEqual([last - 2]);
});

test('the command line shows them', async () => {
  const cases = suite(passed('fine'), failed('worse'), passed('other'));
  const { number } = await built('shown', { 'out/a.xml': cases });
  const rows = async (...args: string[]) => {
    const { exit, out, err } = await place.run('tests', ...args);
    expect([exit, err]).toEqual([0, '']);
    return out.replace(/\n$/, '').split('\n');
  };
  expect(await rows(String(number))).toEqual(['failed\tunit\tC.worse\t\t\tno']);
  expect(await rows(String(number), 'unit', '--all')).toHaveLength(3);
  expect(await rows(String(number), '--all', '--query', 'C.FI')).toEqual(['passed\tunit\tC.fine\t500ms\t\t']);
  expect((await rows(String(number), '--output')).slice(1)).toEqual([
    '',
    '==> C.worse <==',
    'why',
    'standard output:',
    'out',
  ]);
  expect((await rows('ls', '--failing', '--pipeline', 'shown'))[0]).toMatch(
    /^C\.worse\tshown\tunit\t\tF\t\t/,
  );
  expect((await rows('history', 'worse'))[0]).toMatch(new RegExp(`^${number}\tunit\t\t\tfailed\t`));
  const { exit, err } = await place.run('tests', 'history', 'C.');
  expect([exit, err]).toEqual([66, expect.stringMatching(/C\. may be one of several tests\n.*C\.worse/)]);
});

test('a build says at its end what its tests came to', async () => {
  const file = await place.write(
    'build.yaml',
    pipeline('said', { 'out/a.xml': suite(passed('a'), failed('b')) }),
  );
  const { out } = await place.run('run', file);
  expect(out).toMatch(/^2 tests: 1 passed, 1 failed: footman tests \d+$/m);
});

test('what no list told, and what is not there, is refused', async () => {
  const token = await controller.token();
  const status = async (path: string) =>
    (await fetch(`${controller.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } }))
      .status;
  expect(await status('/tests?after=x')).toBe(400);
  expect(await status('/builds/1/tests?after=x')).toBe(400);
  expect(await status('/builds/1/tests?result=bad')).toBe(400);
  expect(await status('/builds/999/tests')).toBe(404);
  expect(await status('/tests/x/history')).toBe(404);
  expect(await status('/tests?project=none')).toBe(404);
});
