import {
  findBuild,
  findJob,
  findProject,
  putTestReport,
  type Artifact,
  type Build,
  type Job,
  type TestReport,
  type TestResult,
} from '#controller/store';
import { createTextMask } from '#shared/masking';
import { secretsOfJob } from '#shared/pipeline';
import { baseOf, branchOf } from './branch-of.ts';
import { createNumbering, identify } from './identity.ts';
import { MAX_NAME, type ReportedCase } from './junit/index.ts';
import { loadReports } from './load-reports.ts';
import type { ReaderDeps } from './reader.ts';
import { createShownText, type ShownText } from './shown-text.ts';
import { storeCases, type Marked, type Origin, type ShownCase } from './store-cases.ts';

/** Characters of all outputs of an artifact together. */
const MAX_OUTPUTS = 16 * 1024 * 1024;
/** Characters of all that was wrong. */
const MAX_PROBLEM = 4000;

/** Reads all reports of an artifact and stores what they say, with the row that sums it up last. */
export async function readArtifact(
  deps: ReaderDeps,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<TestReport> {
  const { store, blobs, secrets, clock, limits } = deps;
  const job = await findJob(store.db, artifact.job_id);
  const build = job && (await findBuild(store.db, job.build_id));
  if (job === undefined || build === undefined) throw new Error(`artifact ${artifact.id} is of no job`);
  // The agent masks what it logs; files are as the job wrote them (L17).
  const values = await secrets.resolve(build, secretsOfJob(job.spec));
  const shown = createShownText(createTextMask([...values.values()]), MAX_OUTPUTS);
  const toShown = createShower(shown, build, job);
  const cases: ShownCase[] = [];
  const take = (reported: ReportedCase): void => void cases.push(toShown(reported, cases.length));
  const problems = await loadReports({ store, blobs, limits: limits() }, artifact, take, signal);
  const marked = await storeCases(store, cases, await originOf(artifact, job, build), signal);
  const text = problems.length === 0 ? null : shown.message(problems.join('\n').slice(0, MAX_PROBLEM));
  const report = {
    ...sumUp(cases, marked),
    artifact_id: artifact.id,
    job_id: job.id,
    build_id: build.id,
    problem: text,
  };
  await store.transaction((db) => putTestReport(db, report, clock.now()));
  return report;

  async function originOf(artifact: Artifact, job: Job, build: Build): Promise<Origin> {
    const project = build.project_id === null ? undefined : await findProject(store.db, build.project_id);
    const branch = branchOf(build);
    const base = baseOf(build, project?.default_branch);
    return { artifact, job, build, branch, base: base === branch ? undefined : base };
  }
}

/** Long texts of tests that passed at once are left out: nobody looks for them, and the reports have them. */
function createShower(shown: ShownText, build: Build, job: Job) {
  const numbered = createNumbering();
  return (reported: ReportedCase, position: number): ShownCase => {
    const suite = shown.name(reported.suite, MAX_NAME);
    const name = numbered(suite, shown.name(reported.name, MAX_NAME) || '(no name)');
    const { result, ms, reruns } = reported;
    const isDull = result === 'skipped' || (result === 'passed' && reruns === 0);
    return {
      position,
      test: identify(build, job, { suite, name }),
      result,
      ms,
      reruns,
      message: shown.message(reported.message || (isDull ? '' : firstLine(reported.detail))),
      detail: isDull ? null : shown.output(reported.detail),
      stdout: isDull ? null : shown.output(reported.stdout),
      stderr: isDull ? null : shown.output(reported.stderr),
    };
  };
}

function sumUp(cases: readonly ShownCase[], { newFailures, flaky }: Marked) {
  const count = (wanted: TestResult): number => cases.filter(({ result }) => result === wanted).length;
  return {
    total: cases.length,
    passed: count('passed'),
    failed: count('failed'),
    errored: count('errored'),
    skipped: count('skipped'),
    new_failures: newFailures,
    flaky,
    ms: cases.reduce((sum, { ms }) => sum + (ms ?? 0), 0),
  };
}

function firstLine(text: string): string {
  return text.trimStart().split('\n', 1)[0] ?? '';
}
