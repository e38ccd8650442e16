import type { Submission } from '#controller/builds';
import type { Journal, Tx } from '#controller/events';
import type { Build, Delivery, Project } from '#controller/store';
import type { FootmanError } from '#shared/errors';
import { syncSchedules } from './cron-sync.ts';
import { endDelivery } from './delivery-life-cycle.ts';
import { isThePipelines, type Findings } from './look/index.ts';

export type Submit = (tx: Tx, submission: Submission) => Promise<Build>;

/** `sentence` is the first of the file's mistakes. */
export type ReportBroken = (
  tx: Tx,
  project: Project,
  broken: { file: string; sha: string; sentence: string },
) => Promise<void>;

interface Deps {
  journal: Journal;
  submit: Submit;
  reportBroken?: ReportBroken;
}

/** Characters of a reason: enough for a handful of pipelines. */
const MAX_REASON = 4000;

/**
 * Does what the findings say and ends the delivery, in one transaction: no crash makes a build twice, or none at all. A pipeline whose own
 * expressions fail is found out only here; the others are started without it.
 */
export async function conclude(
  deps: Deps,
  project: Project,
  delivery: Delivery,
  findings: Findings,
): Promise<void> {
  try {
    await deps.journal.commit((tx) => concludeIn(tx, deps, project, delivery, findings));
  } catch (error) {
    if (error instanceof Superseded) return;
    if (!(error instanceof Refused)) throw error;
    await conclude(deps, project, delivery, without(findings, error));
  }
}

async function concludeIn(
  tx: Tx,
  { submit, reportBroken }: Deps,
  project: Project,
  delivery: Delivery,
  findings: Findings,
): Promise<void> {
  const started: string[] = [];
  for (const submission of findings.submissions) {
    const { number } = await submitOr(tx, submit, submission);
    started.push(`${submission.file}: build ${number}`);
  }
  const { commit: sha, schedules } = findings;
  for (const { file, problems } of findings.broken) {
    const [sentence = 'it is broken'] = problems;
    if (sha !== undefined) await reportBroken?.(tx, project, { file, sha, sentence });
  }
  if (schedules !== undefined) await syncSchedules(tx, project, schedules);
  const ended = await endDelivery(tx, delivery, stateOf(findings), reasonOf(started, findings));
  // Then none of it has happened.
  if (ended === undefined) throw new Superseded();
}

function without(findings: Findings, { submission, problem }: Refused): Findings {
  const submissions = findings.submissions.filter((one) => one !== submission);
  const broken = { file: submission.file, problems: [`${submission.file}: ${problem.message}`] };
  return { ...findings, submissions, broken: [...findings.broken, broken] };
}

/** Somebody else was first. */
class Superseded extends Error {}

class Refused extends Error {
  readonly submission: Submission;
  readonly problem: FootmanError;

  constructor(submission: Submission, problem: FootmanError) {
    super(problem.message, { cause: problem });
    this.submission = submission;
    this.problem = problem;
  }
}

async function submitOr(tx: Tx, submit: Submit, submission: Submission): Promise<Build> {
  try {
    return await submit(tx, submission);
  } catch (error) {
    throw isThePipelines(error) ? new Refused(submission, error) : error;
  }
}

function stateOf({ submissions, broken }: Findings): 'processed' | 'ignored' | 'failed' {
  if (submissions.length > 0) return 'processed';
  return broken.length > 0 ? 'failed' : 'ignored';
}

function reasonOf(started: readonly string[], { broken, notes, submissions }: Findings): string {
  const all = [...started, ...broken.flatMap(({ problems }) => problems), ...notes];
  const nothing = submissions.length === 0 && all.length === 0 ? 'the commit has no pipeline' : '';
  return (all.join('\n') || nothing).slice(0, MAX_REASON);
}
