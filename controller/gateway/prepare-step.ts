import type { Build, Job, Step } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { HashNeeded, type Contexts, type EvaluateOptions, type Status } from '#shared/expressions';
import { conditionsHold, resolveStep, secretsOfStep, type ResolvedStep } from '#shared/pipeline';
import type { Activity, AgentLink } from './activity.ts';
import { hasCode } from './has-code.ts';
import { hashFiles } from './hash-files.ts';
import type { Scene } from './scene.ts';

/** What is to be done with a step whose turn has come. */
export type Prepared =
  | { kind: 'run'; step: ResolvedStep; hashes: Step['hashes'] }
  | { kind: 'skip'; reason: string | null }
  /** Its templates can't be evaluated. */
  | { kind: 'fail'; reason: string };

interface Task {
  scene: Scene;
  build: Build;
  job: Job;
  step: Step;
  /** What its conditions go by. */
  status: Status;
  /** How its job stands. */
  jobStatus: Status;
  link: AgentLink;
  begin(activity: Activity): void;
  /** Aborted when nobody waits for the step any more. */
  signal: AbortSignal;
}

/** Calls of `hashFiles` with different globs in one step. */
const MAX_HASHES = 32;

export function prepareStep(task: Task): Promise<Prepared> {
  const { step, status } = task;
  return orFailure(async () => {
    const contexts = await contextsFor(task);
    const hashes = new Map<string, string>();
    const holds = await evaluate(task, hashes, (options) =>
      conditionsHold(step.spec.conditions, contexts, status, options),
    );
    if (!holds) return { kind: 'skip', reason: skipReason(step, status) };
    const resolved = await resolve(task, contexts, hashes);
    return { kind: 'run', step: resolved, hashes: hashes.size === 0 ? null : Object.fromEntries(hashes) };
  });
}

/**
 * A step that runs already, made from what it was made from: its workspace is not looked at again. It fails where that is there no more,
 * such as a secret that was removed since.
 */
export function resolveAgain(task: Task): Promise<Prepared> {
  const { step } = task;
  return orFailure(async () => {
    const hashes = new Map(Object.entries(step.hashes ?? {}));
    const resolved = await resolve(task, await contextsFor(task), hashes);
    return { kind: 'run', step: resolved, hashes: step.hashes };
  });
}

/** What prepares an image is no business of one job's variables, and is not given them where the job does it itself either. */
async function contextsFor({ scene, build, step, jobStatus }: Task): Promise<Contexts> {
  const contexts = await scene.contexts(jobStatus);
  return step.phase === 'prepare' ? { ...contexts, env: build.env } : contexts;
}

async function orFailure(prepare: () => Promise<Prepared>): Promise<Prepared> {
  try {
    return await prepare();
  } catch (error) {
    if (!hasCode(error, 'expression-failed')) throw error;
    return { kind: 'fail', reason: error.message };
  }
}

function resolve(task: Task, contexts: Contexts, hashes: Map<string, string>): Promise<ResolvedStep> {
  const secrets = secretsFor(task);
  return evaluate(task, hashes, (options) => resolveStep(task.step.spec, { ...contexts, secrets }, options));
}

/** Only what the step names. For a fork all of them are empty; elsewhere a name without a secret is a mistake that is told. */
function secretsFor({ scene, build, step }: Task): Record<string, string> {
  const names = secretsOfStep(step.spec);
  const missing = names.filter((name) => !scene.secrets.has(name));
  if (missing.length > 0 && build.trust === 'trusted') {
    const [name] = missing;
    throw new FootmanError(
      'expression-failed',
      `there is no secret ${missing.join(', ')} for this pipeline; \`footman secret set ${name}\` makes it`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, scene.secrets.get(name) ?? '']));
}

/** Evaluation itself never waits: what it needs from the workspace is fetched, and it begins again. */
async function evaluate<T>(
  task: Task,
  hashes: Map<string, string>,
  work: (options: EvaluateOptions) => T,
): Promise<T> {
  const options = { hashFiles: (globs: string[]) => hashes.get(JSON.stringify(globs)) };
  while (hashes.size <= MAX_HASHES) {
    try {
      return work(options);
    } catch (error) {
      if (!(error instanceof HashNeeded)) throw error;
      hashes.set(JSON.stringify(error.globs), await hashFiles(error, task));
    }
  }
  throw new FootmanError('expression-failed', `the step calls hashFiles in more than ${MAX_HASHES} ways`);
}

function skipReason({ spec: { conditions } }: Step, status: Status): string | null {
  if (conditions.length === 0) return null;
  return status === 'success'
    ? `its condition does not hold: ${conditions.map(({ text }) => text.trim()).join(' and ')}`
    : null;
}
