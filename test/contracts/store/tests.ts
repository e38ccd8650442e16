import {
  deleteTestsOfBuild,
  findTest,
  findTestReport,
  findTestRun,
  historyOfTest,
  insertArtifacts,
  insertBuild,
  insertJobs,
  insertTests,
  listTestRuns,
  listTests,
  lockTestBranches,
  putTestBranches,
  putTestReport,
  putTestRuns,
  testBranches,
  testReportsOfJobs,
  unreadReports,
  type Db,
  type Test,
  type TestBranch,
  type TestReport,
  type TestRun,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addJob, artifactRow, buildRow, jobRow } from './rows.ts';

export function describeTests(context: Context): void {
  describe('tests', () => {
    test('reports wait to be read when they are complete, the oldest first', async () => {
      const { db } = context.store;
      const job = await addJob(db);
      const complete = [0, 1].map((position) =>
        artifactRow(job, { position, role: 'junit', state: 'complete' }),
      );
      const others = [
        artifactRow(job, { role: 'artifact', state: 'complete' }),
        artifactRow(job, { position: 2, role: 'junit', state: 'collecting' }),
        artifactRow(job, { position: 3, role: 'junit', state: 'complete', read_at: 5 }),
      ];
      await insertArtifacts(db, [...complete, ...others]);
      expect((await unreadReports(db, 9)).map(({ id }) => id)).toEqual(complete.map(({ id }) => id));
      const [first] = complete;
      const report = reportRow({ artifact_id: first?.id ?? '', job_id: job });
      await putTestReport(db, report, 7);
      await putTestReport(db, { ...report, problem: 'said again' }, 7);
      expect((await unreadReports(db, 9)).map(({ id }) => id)).toEqual([complete[1]?.id]);
      expect(await findTestReport(db, report.artifact_id)).toMatchObject({ total: 3, problem: 'said again' });
      expect(await testReportsOfJobs(db, [job])).toHaveLength(1);
    });

    test('results are said again in their places, and listed in pages', async () => {
      const { db } = context.store;
      await addReports(db, ['r1']);
      await addTests(db, ['a', 'b', 'c']);
      await putTestReport(db, reportRow(), 1);
      const runs = ['a', 'b', 'c'].map((id, position) => runRow({ test_id: id, position }));
      await putTestRuns(db, runs, []);
      const output = { artifact_id: 'r1', position: 1, detail: 'why', stdout: 'out', stderr: null };
      await putTestRuns(
        db,
        runs.map((run) => Object.assign(run, { result: run.test_id === 'b' ? 'failed' : 'passed' })),
        [output, { ...output, position: 2 }],
      );
      const first = await listTestRuns(db, { jobIds: ['j1'], limit: 2 });
      expect(first.map(({ name, result }) => [name, result])).toEqual([
        ['name a', 'passed'],
        ['name b', 'failed'],
      ]);
      const after = { artifactId: 'r1', position: 1 };
      expect((await listTestRuns(db, { jobIds: ['j1'], limit: 2, after })).map(({ name }) => name)).toEqual([
        'name c',
      ]);
      expect(await findTestRun(db, 'j1', 'b')).toMatchObject({ run: { suite: 'suite' }, output });
      expect(await findTestRun(db, 'j2', 'b')).toBeUndefined();
    });

    test('results are listed by how they ended, by their marks and by a part of their names', async () => {
      const { db } = context.store;
      await addReports(db, ['r1']);
      await insertTests(db, [
        testRow('a', { suite: 'Mon%', name: 'quorum' }),
        testRow('b', { name: 'under_score' }),
        testRow('c'),
      ]);
      await putTestReport(db, reportRow(), 1);
      await putTestRuns(
        db,
        [
          runRow({ test_id: 'a', position: 0, result: 'failed', is_new: 1 }),
          runRow({ test_id: 'b', position: 1, result: 'errored', is_flaky: 1 }),
          runRow({ test_id: 'c', position: 2 }),
        ],
        [],
      );
      const listed = async (filter: object) =>
        (await listTestRuns(db, { jobIds: ['j1'], limit: 9, ...filter })).map((run) => run.test_id);
      expect(await listed({ results: ['failed', 'errored'] })).toEqual(['a', 'b']);
      expect(await listed({ isNew: true })).toEqual(['a']);
      expect(await listed({ isFlaky: true })).toEqual(['b']);
      expect(await listed({ query: 'mON%.Quo' })).toEqual(['a']);
      expect(await listed({ query: 'n_m' })).toEqual([]);
      expect(await listed({ query: 'R_S' })).toEqual(['b']);
    });

    test('the history of a test goes back from the newest build and attempt', async () => {
      const { db } = context.store;
      await addTests(db, ['a', 'b']);
      const places = [
        [1, 1, 'main'],
        [2, 1, 'main'],
        [2, 2, 'main'],
        [3, 1, 'next'],
      ] as const;
      await addReports(
        db,
        places.map(([build, attempt]) => `r${build}${attempt}`),
      );
      await putTestRuns(
        db,
        places.flatMap(([build, attempt, branch]) =>
          ['a', 'b'].map((id, position) =>
            runRow({
              artifact_id: `r${build}${attempt}`,
              position,
              test_id: id,
              build_number: build,
              attempt,
              branch,
            }),
          ),
        ),
        [],
      );
      const history = async (filter: object) =>
        (await historyOfTest(db, { testId: 'a', limit: 9, ...filter })).map(
          ({ build_number: build, attempt }) => `${build}.${attempt}`,
        );
      expect(await history({})).toEqual(['3.1', '2.2', '2.1', '1.1']);
      expect(await history({ branch: 'main', limit: 1 })).toEqual(['2.2']);
      expect(await history({ before: { build: 2, attempt: 2 } })).toEqual(['2.1', '1.1']);
    });

    test('how tests are doing is kept for each branch, and flaky and failing ones are found', async () => {
      const { db } = context.store;
      await insertTests(db, [
        testRow('a'),
        testRow('b', { pipeline: 'other' }),
        testRow('c', { project_id: 'p' }),
      ]);
      await putTestBranches(db, [
        branchRow('a', 'main', { is_flaky: 1 }),
        branchRow('a', 'next', { is_failing: 1 }),
        branchRow('b', 'main', { is_flaky: 1 }),
        branchRow('c', 'main'),
      ]);
      await putTestBranches(db, [branchRow('b', 'main', { is_failing: 1, recent: '1.1f' })]);
      const listed = async (filter: object) =>
        (await listTests(db, { limit: 9, ...filter })).map(({ id, branch }) => `${id} ${branch}`);
      expect(await listed({})).toEqual(['a main', 'a next', 'b main', 'c main']);
      expect(await listed({ limit: 1, after: { testId: 'a', branch: 'main' } })).toEqual(['a next']);
      expect(await listed({ isFlaky: true })).toEqual(['a main']);
      expect(await listed({ isFailing: true, branch: 'main' })).toEqual(['b main']);
      expect(await listed({ pipeline: 'other' })).toEqual(['b main']);
      expect(await listed({ projectId: 'p' })).toEqual(['c main']);
      expect(await listed({ query: 'NAME C' })).toEqual(['c main']);
      expect((await testBranches(db, 'main', ['b', 'z'])).get('b')?.recent).toBe('1.1f');
    });

    test('two that write of the same tests at one time do it one after the other', async () => {
      const { store } = context;
      const other = await context.open();
      await addTests(store.db, ['a', 'b']);
      const add = (by: typeof store, run: string, ids: string[]) =>
        by.transaction(async (db) => {
          const before = await lockTestBranches(db, 'main', ids);
          await putTestBranches(
            db,
            [...before.values()].map((row) => Object.assign(row, { recent: `${row.recent} ${run}`.trim() })),
          );
        });
      await Promise.all([
        ...[1, 2, 3, 4].map((build) => add(store, `${build}.1p`, ['a', 'b'])),
        ...[5, 6, 7, 8].map((build) => add(other, `${build}.1p`, ['b', 'a'])),
      ]);
      const rows = await testBranches(store.db, 'main', ['a', 'b']);
      for (const { recent } of rows.values()) {
        expect(recent.split(' ').toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((build) => `${build}.1p`));
      }
      expect(rows.size).toBe(2);
    });

    test('with a build go its results, and tests that no other build ran', async () => {
      const { db } = context.store;
      await addReports(db, ['r1', 'r2']);
      await addTests(db, ['a', 'b']);
      await putTestReport(db, reportRow(), 1);
      await putTestReport(db, reportRow({ artifact_id: 'r2', job_id: 'j2', build_id: 'b2' }), 1);
      const output = { artifact_id: 'r1', position: 0, detail: 'why', stdout: null, stderr: null };
      await putTestRuns(
        db,
        [
          runRow({ test_id: 'a', position: 0, branch: 'pull/1' }),
          runRow({ test_id: 'b', position: 1 }),
          runRow({ artifact_id: 'r2', job_id: 'j2', build_id: 'b2', test_id: 'a' }),
        ],
        [output],
      );
      await putTestBranches(db, [branchRow('a', 'pull/1'), branchRow('a', 'main'), branchRow('b', 'main')]);
      await deleteTestsOfBuild(db, 'b1');
      expect(await testReportsOfJobs(db, ['j1', 'j2'])).toMatchObject([{ artifact_id: 'r2' }]);
      expect((await listTests(db, { limit: 9 })).map(({ id, branch }) => [id, branch])).toEqual([
        ['a', 'main'],
      ]);
      expect(await findTest(db, 'b')).toBeUndefined();
      expect((await historyOfTest(db, { testId: 'a', limit: 9 })).map((run) => run.build_id)).toEqual(['b2']);
    });
  });
}

/** Artifacts of these ids: `r1` is of the job `j1` of the build `b1`. */
async function addReports(db: Db, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const [build, job] = [id.replace('r', 'b'), id.replace('r', 'j')];
    await insertBuild(db, buildRow({ id: build }));
    await insertJobs(db, [jobRow(build, { id: job })]);
    await insertArtifacts(db, [artifactRow(job, { id, role: 'junit', state: 'complete' })]);
  }
}

function addTests(db: Db, ids: readonly string[]): Promise<void> {
  const rows = ids.map((id) => testRow(id));
  return insertTests(db, [...rows, ...rows.slice(0, 1)]);
}

function testRow(id: string, change: Partial<Test> = {}): Test {
  return {
    id,
    project_id: null,
    pipeline: 'ceph',
    job: 'unit',
    suite: 'suite',
    name: `name ${id}`,
    ...change,
  };
}

function reportRow(change: Partial<TestReport> = {}): TestReport {
  return {
    artifact_id: 'r1',
    job_id: 'j1',
    build_id: 'b1',
    total: 3,
    passed: 1,
    failed: 1,
    errored: 1,
    skipped: 0,
    new_failures: 1,
    flaky: 0,
    ms: 12,
    problem: null,
    ...change,
  };
}

function runRow(change: Partial<TestRun>): TestRun {
  return {
    artifact_id: 'r1',
    position: 0,
    test_id: 'a',
    job_id: 'j1',
    build_id: 'b1',
    build_number: 1,
    attempt: 1,
    branch: 'main',
    commit_id: null,
    result: 'passed',
    ms: null,
    reruns: 0,
    is_new: 0,
    is_flaky: 0,
    message: null,
    at: 1,
    ...change,
  };
}

function branchRow(testId: string, branch: string, change: Partial<TestBranch> = {}): TestBranch {
  return {
    test_id: testId,
    branch,
    recent: '',
    is_flaky: 0,
    is_failing: 0,
    last_build: 1,
    last_at: 1,
    ...change,
  };
}
