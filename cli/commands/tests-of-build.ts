import type { TestRun, TestRunInFull, TestRunList } from '#controller/api';
import { countTests, testSentence } from '#shared/test-counts';
import type { Client } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { findTarget } from '../target.ts';
import { formatTable, harmless, printable } from '../terminal/index.ts';
import { allRuns, marksOf, paintResult, testName, took, type RunPages } from '../tests/index.ts';

export interface BuildTestsOptions {
  failed?: boolean;
  all?: boolean;
  query?: string;
  output?: boolean;
}

type Runs = Omit<TestRunList, 'next'>;

/** Columns: result, job, test, what it took, marks, why. Below them, what all tests came to. */
export async function testsOfBuild(
  context: Context,
  build: string,
  job: string | undefined,
  options: BuildTestsOptions,
): Promise<number> {
  return withClient(context, async (client) => {
    const pages = await pagesOf(client, build, job);
    const lists = await Promise.all(pages.map((ask) => wanted(ask, options)));
    const runs: Runs = {
      counts: countTests(lists.map(({ counts }) => counts)),
      problems: lists.flatMap(({ problems }) => problems),
      tests: lists.flatMap(({ tests }) => tests),
    };
    if (options.output === true) runs.tests = await inFull(client, runs.tests);
    if (context.options.json === true) await printJson(context, runs);
    else await print(context, runs);
    return 0;
  });
}

/** Of the build, or of the jobs that are named. */
async function pagesOf(client: Client, build: string, job: string | undefined): Promise<RunPages[]> {
  const target = await findTarget(client, build, { job });
  if (target.jobs === undefined) return [(query) => client.tests.ofBuild(target.build.id, query)];
  return target.jobs.map(
    ({ id }) =>
      (query) =>
        client.tests.ofJob(id, query),
  );
}

async function wanted(ask: RunPages, { failed, all, query }: BuildTestsOptions): Promise<Runs> {
  if (all === true) return allRuns(ask, { query });
  const bad = await allRuns(ask, { query, result: 'failed,errored' });
  if (failed === true) return bad;
  const { tests: flaky } = await allRuns(ask, { query, flaky: true });
  const known = new Set(bad.tests.map(placeOf));
  return { ...bad, tests: [...bad.tests, ...flaky.filter((run) => !known.has(placeOf(run)))] };
}

function placeOf({ jobId, testId }: TestRun): string {
  return `${jobId} ${testId}`;
}

async function inFull(client: Client, runs: readonly TestRun[]): Promise<TestRun[]> {
  const full: TestRun[] = [];
  for (const run of runs) {
    full.push(isBad(run) ? await client.tests.show(run.jobId, run.testId) : run);
  }
  return full;
}

function isBad({ result }: TestRun): boolean {
  return result === 'failed' || result === 'errored';
}

async function print({ out, style }: Context, { counts, problems, tests }: Runs): Promise<void> {
  const header = ['result', 'job', 'test', 'took', 'marks', 'message'];
  const rows = tests.map((run) => [
    paintResult(style, run.result),
    run.job,
    testName(run),
    took(run),
    marksOf(run),
    run.message?.split('\n', 1)[0] ?? '',
  ]);
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  for (const run of tests)
    if (isFull(run)) await out.write(textOf(run, style.paint('bold', harmless(testName(run)))));
  // For people: a program's table has rows only.
  if (!out.isTerminal) return;
  await out.write(`${testSentence(counts)}\n`);
  for (const problem of problems) await out.write(`${style.paint('yellow', harmless(problem))}\n`);
}

function isFull(run: TestRun | TestRunInFull): run is TestRunInFull {
  return 'detail' in run;
}

function textOf({ message, detail, stdout, stderr }: TestRunInFull, title: string): string {
  const parts = [
    ['', detail ?? message],
    ['standard output:\n', stdout],
    ['standard error:\n', stderr],
  ] as const;
  const texts = parts.flatMap(([head, text]) =>
    text === null ? [] : [`${head}${printable(text).trimEnd()}\n`],
  );
  return `\n==> ${title} <==\n${texts.join('')}`;
}
