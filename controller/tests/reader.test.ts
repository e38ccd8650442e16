import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  findTestRun,
  findArtifact,
  listTestRuns,
  listTests,
  testReportsOfJobs,
  unreadReports,
  type Build,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { NEVER, openTests, PIPELINE, type TestsFixture } from './test-support.ts';

const SECRET = 'correct horse battery';

let tests: TestsFixture;

beforeEach(async () => {
  tests = await openTests();
});

afterEach(() => tests[Symbol.asyncDispose]());

const PASSED = '<testcase name="t" time="0.5"/>';
const FAILED = '<testcase name="t"><failure message="no"/></testcase>';

function suite(...cases: string[]): string {
  return `<testsuite name="s">${cases.join('')}</testsuite>`;
}

async function runsOf(build: Build) {
  const jobs = await tests.store.db
    .selectFrom('jobs')
    .select('id')
    .where('build_id', '=', build.id)
    .execute();
  return listTestRuns(tests.store.db, { jobIds: jobs.map(({ id }) => id), limit: 10_000 });
}

describe('what reports say', () => {
  test('is stored test by test, and told in a sentence', async () => {
    const build = await tests.submit();
    const id = await tests.leave(build, {
      'a.xml': suite(PASSED, '<testcase classname="C" name="u"><skipped/></testcase>'),
      'b/b.xml': suite('<testcase classname="C" name="v"><error message="m">why</error></testcase>'),
    });
    expect(await tests.reader.read(id, NEVER)).toBe('3 tests: 1 passed, 1 failed, 1 skipped');
    expect(await runsOf(build)).toMatchObject([
      { suite: 's', name: 't', result: 'passed', ms: 500, build_number: build.number, attempt: 1 },
      { suite: 'C', name: 'u', result: 'skipped', ms: null },
      { suite: 'C', name: 'v', result: 'errored', message: 'm' },
    ]);
    const [, , last] = await runsOf(build);
    const found = await findTestRun(tests.store.db, last?.job_id ?? '', last?.test_id ?? '');
    expect(found?.output).toMatchObject({ detail: 'why', stdout: null });
  });

  test('is not read again, but told again', async () => {
    const id = await tests.leave(await tests.submit(), { 'a.xml': suite(PASSED) });
    const first = await tests.reader.read(id, NEVER);
    tests.storage.problem = new Error('nobody reads');
    expect(await tests.reader.read(id, NEVER)).toBe(first);
  });

  test('is the same when it is read once more after a crash', async () => {
    await tests.tell(await tests.submit(), PASSED);
    const build = await tests.submit();
    const cases = Array.from(
      { length: 600 },
      (_, at) => `<testcase name="t${at % 400 || ''}"><failure/></testcase>`,
    );
    const id = await tests.leave(build, { 'a.xml': suite(...cases).replaceAll('name="s"', '') });
    const sentence = await tests.reader.read(id, NEVER);
    expect(sentence).toBe('600 tests: 600 failed (1 new)');
    const before = [await runsOf(build), await listTests(tests.store.db, { limit: 10_000 })];
    await tests.store.db.updateTable('artifacts').set({ read_at: null }).where('id', '=', id).execute();
    await tests.store.db.deleteFrom('test_reports').where('artifact_id', '=', id).execute();
    expect(await tests.reader.read(id, NEVER)).toBe(sentence);
    expect([await runsOf(build), await listTests(tests.store.db, { limit: 10_000 })]).toEqual(before);
  });

  test('names each of several tests of one name', async () => {
    const build = await tests.submit();
    await tests.tell(build, PASSED + FAILED + PASSED);
    expect((await runsOf(build)).map(({ name, result }) => `${name}: ${result}`)).toEqual([
      't: passed',
      't (2): failed',
      't (3): passed',
    ]);
  });

  test.each([
    ['names that differ by an address alone', ['t[0x7f0000000001]', 't[0x7f0000000002]']],
    ['names that look like numbered ones', ['t', 't', 't (2)', 't (2)', 't']],
    ['numbered names before the plain one', ['t (2)', 't', 't', 't (3)']],
  ])('counts each test for itself: %s', async (_, names) => {
    const build = await tests.submit();
    const cases = names.map((name) => `<testcase name="${name}"/>`);
    await tests.reader.read(await tests.leave(build, { 'a.xml': suite(...cases) }), NEVER);
    const runs = await runsOf(build);
    expect(runs).toHaveLength(names.length);
    expect(new Set(runs.map((run) => run.test_id)).size).toBe(names.length);
  });

  test('L17: has no secret of the job in it', async () => {
    await tests.secrets.set({ scope: 'controller', name: 'TOKEN', value: SECRET, debug: 'deny' });
    const build = await tests.submit();
    const body = `<failure message="${SECRET}">${SECRET}</failure><system-out>${SECRET}</system-out><system-err>${SECRET}</system-err>`;
    await tests.tell(build, `<testcase classname="${SECRET}" name="${SECRET}">${body}</testcase>`);
    const { db } = tests.store;
    const tables = ['tests', 'test_results', 'test_outputs'] as const;
    const rows = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
    expect(JSON.stringify(rows)).not.toContain('horse');
    expect(JSON.stringify(rows).match(/\*\*\*/g)).toHaveLength(6);
  });
});

describe('reports that are not as they should be', () => {
  test('a broken one is told of, and the others count', async () => {
    const build = await tests.submit();
    const files = { 'a.xml': 'oops', 'b.xml': suite(PASSED), 'c.xml': `<testsuite>${FAILED}<te` };
    const id = await tests.leave(build, files);
    const sentence = await tests.reader.read(id, NEVER);
    expect(sentence).toMatch(
      /^2 tests: 1 passed, 1 failed; a\.xml is not well-formed .*; c\.xml ends in the middle$/,
    );
    const [report] = await testReportsOfJobs(tests.store.db, [(await runsOf(build))[0]?.job_id ?? '']);
    expect(report).toMatchObject({ passed: 1, failed: 1, problem: expect.stringMatching(/\nc\.xml ends/) });
  });

  test('bytes and tests beyond the limits are left out, and that is told', async () => {
    Object.assign(tests.limits, { reportBytes: 200, testCases: 3 });
    const long = await tests.leave(await tests.submit(), {
      'a.xml': suite(PASSED),
      'b.xml': suite(PASSED).padEnd(300),
      'c.xml': suite(FAILED),
    });
    expect(await tests.reader.read(long, NEVER)).toBe(
      '2 tests: 1 passed, 1 failed; 1 report was not read: no more than 200 B or 3 tests of a job',
    );
    tests.limits.reportBytes = 1000;
    const many = await tests.leave(await tests.submit(), {
      'a.xml': suite(PASSED, PASSED),
      'b.xml': suite(FAILED, FAILED),
    });
    expect(await tests.reader.read(many, NEVER)).toMatch(
      /^3 tests: .*; b\.xml has more than is left of 3 tests$/,
    );
  });

  test('one that is lost in the storage is told of', async () => {
    const id = await tests.leave(await tests.submit(), { 'a.xml': suite(PASSED) });
    tests.storage.problem = new FootmanError('not-found', 'there is no object');
    expect(await tests.reader.read(id, NEVER)).toBe('no tests; a.xml is not in the storage');
  });

  test('what is no report, or not complete, is refused', async () => {
    await expect(tests.reader.read('x', NEVER)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('reports that nobody read', () => {
  test('are read by themselves', async () => {
    const build = await tests.submit();
    await tests.leave(build, { 'a.xml': suite(PASSED) });
    expect(await tests.reader.run(NEVER)).toBeNull();
    expect(await runsOf(build)).toHaveLength(1);
    expect(await unreadReports(tests.store.db, 9)).toEqual([]);
  });

  test('wait for a storage that is away, and are read when it is back', async () => {
    const build = await tests.submit();
    const id = await tests.leave(build, { 'a.xml': suite(PASSED) });
    tests.storage.problem = new FootmanError('storage-unavailable', 'no answer');
    await expect(tests.reader.read(id, NEVER)).rejects.toMatchObject({ code: 'storage-unavailable' });
    const due = await tests.reader.run(NEVER);
    expect(due).toBeGreaterThan(tests.clock.time);
    expect((await findArtifact(tests.store.db, id))?.read_at).toBeNull();
    tests.storage.problem = undefined;
    tests.clock.time = due ?? 0;
    expect(await tests.reader.run(NEVER)).toBeNull();
    expect(await runsOf(build)).toHaveLength(1);
  });

  test('are read once by two who come at the same time', async () => {
    const id = await tests.leave(await tests.submit(), { 'a.xml': suite(PASSED) });
    const [one, other] = await Promise.all([tests.reader.read(id, NEVER), tests.reader.read(id, NEVER)]);
    expect(one).toBe(other);
    expect(tests.storage.reads).toBe(1);
  });

  test('an end in the middle is an end, and the other one who asked goes on', async () => {
    const id = await tests.leave(await tests.submit(), { 'a.xml': suite(PASSED) });
    const aborted = tests.reader.read(id, AbortSignal.abort(new Error('stop')));
    const other = tests.reader.read(id, NEVER);
    await expect(aborted).rejects.toThrow('stop');
    expect(await other).toBe('1 test: 1 passed');
  });
});

describe('marks', () => {
  test('a test that passed before is a new failure, once', async () => {
    expect(await tests.tell(await tests.submit(), PASSED)).toBe('1 test: 1 passed');
    expect(await tests.tell(await tests.submit(), FAILED)).toBe('1 test: 1 failed (1 new)');
    expect(await tests.tell(await tests.submit(), FAILED)).toBe('1 test: 1 failed');
  });

  test('a test that fails, passes and fails again is flaky, and is one while it passes', async () => {
    for (const cases of [FAILED, PASSED, FAILED]) await tests.tell(await tests.submit(), cases);
    expect(await tests.tell(await tests.submit(), PASSED)).toBe('1 test: 1 passed (1 flaky)');
    expect(await listTests(tests.store.db, { isFlaky: true, limit: 9 })).toMatchObject([
      { name: 't', is_failing: 0, recent: expect.stringMatching(/^1\.1f 2\.1p 3\.1f 4\.1p$/) },
    ]);
  });

  test('a test that was tried again within its job is flaky', async () => {
    const retried = '<testcase name="t"><flakyFailure message="first"/></testcase>';
    expect(await tests.tell(await tests.submit(), retried)).toBe('1 test: 1 passed (1 flaky)');
  });

  test('a skipped test is no run', async () => {
    await tests.tell(await tests.submit(), PASSED);
    await tests.tell(await tests.submit(), '<testcase name="t"><skipped/></testcase>');
    expect(await tests.tell(await tests.submit(), FAILED)).toBe('1 test: 1 failed (1 new)');
  });

  test('a pull request is compared with its base first, and has a history of its own', async () => {
    const change = { number: 7, title: '', author: '', branch: 'main', base: 'main', fork: true };
    const pull = { trigger: { event: 'pull-request', branch: 'main', pullRequest: change } } as const;
    const main = { trigger: { event: 'push', branch: 'main' } } as const;
    await tests.tell(await tests.submit(PIPELINE, main), PASSED);
    expect(await tests.tell(await tests.submit(PIPELINE, pull), FAILED)).toBe('1 test: 1 failed (1 new)');
    expect(await tests.tell(await tests.submit(PIPELINE, pull), FAILED)).toBe('1 test: 1 failed');
    // What strangers' changes break is nothing that main's tests did.
    expect(await tests.tell(await tests.submit(PIPELINE, main), FAILED)).toBe('1 test: 1 failed (1 new)');
  });

  test('each job, and each cell of a matrix, has tests of its own', async () => {
    const pipeline =
      'name: m\njobs: { unit: { runs-on: linux, matrix: { os: [a, b] }, steps: [{ run: "true" }] } }';
    const build = await tests.submit(pipeline);
    await tests.tell(build, PASSED, 'unit (a)');
    expect(await tests.tell(await tests.submit(pipeline), FAILED, 'unit (b)')).toBe('1 test: 1 failed');
    expect((await listTests(tests.store.db, { limit: 9 })).map(({ job }) => job).toSorted()).toEqual([
      'unit (a)',
      'unit (b)',
    ]);
  });
});
