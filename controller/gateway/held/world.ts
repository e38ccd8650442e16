import { stepsOfJob, type Build, type Job, type Step, type Store } from '#controller/store';
import type { Status } from '#shared/expressions';
import { secretsOfJob, type ResolvedStep } from '#shared/pipeline';
import type { HoldBegin } from '#shared/protocol';
import { FootmanError } from '#shared/errors';
import type { Secrets } from '#controller/secrets';
import { hasCode } from '../has-code.ts';
import { resolveAgain } from '../prepare-step.ts';
import { openScene } from '../scene.ts';
import { shellOf } from '../step-start.ts';
import { footmanVariables } from '../step-variables.ts';

export interface WorldDeps {
  store: Store;
  secrets: Pick<Secrets, 'forDebugging'>;
}

/** What people find on a held node of the job that failed there. */
export interface World {
  /** The step whose world it is; undefined where none ran, or it can't be made again. */
  step: HoldBegin['step'];
  /** Its name. */
  name: string | null;
  /** Names of the job's secrets that stay on no held node, and their values. */
  denied: ReadonlyMap<string, string>;
  /** Why there is no step, in a sentence. */
  problem: string | null;
}

interface Setting {
  build: Build;
  job: Job;
  nodeId: string;
}

const NOT_REPEATABLE = 'echo "this step is none of a script: only its build repeats it" >&2; exit 1';

/**
 * The world of the first step that failed its job, or of the last one that ran, with its variables as it had them; but for the secrets
 * that may not stay, which are empty there, whatever they were a part of (I7).
 */
export async function worldOf(deps: WorldDeps, setting: Setting): Promise<World> {
  const { allowed, denied, problem } = await secretsFor(deps, setting);
  const step = sceneStep(await stepsOfJob(deps.store.db, setting.job.id));
  const name = step?.name ?? null;
  if (problem !== null || step === undefined) return { step: null, name, denied, problem };
  const given = new Map([...allowed, ...[...denied.keys()].map((secret) => [secret, ''] as const)]);
  const resolved = await resolve(deps, setting, step, given);
  if (typeof resolved === 'string') return { step: null, name, denied, problem: resolved };
  const env = await environment(deps, setting, step, resolved);
  return { step: { ...scriptOf(resolved), env: withoutValues(env, denied) }, name, denied, problem: null };
}

async function secretsFor(
  { secrets }: WorldDeps,
  { build, job }: Setting,
): Promise<Awaited<ReturnType<Secrets['forDebugging']>> & { problem: string | null }> {
  try {
    return { ...(await secrets.forDebugging(build, secretsOfJob(job.spec))), problem: null };
  } catch (error) {
    if (!hasCode(error, 'secret-unreadable')) throw error;
    return { allowed: new Map(), denied: new Map(), problem: error.message };
  }
}

/** Only what a script did has a world to show. */
function sceneStep(steps: readonly Step[]): Step | undefined {
  const ran = steps.filter(({ spec, started_at: at }) => at !== null && SCRIPTED.has(spec.kind));
  const failed = ran.find(
    ({ result, continue_on_error: forgiven }) =>
      forgiven === 0 && result !== 'success' && result !== 'skipped',
  );
  return failed ?? ran.findLast(({ phase }) => phase === 'main');
}

const SCRIPTED: ReadonlySet<Step['spec']['kind']> = new Set(['run', 'checkout', 'cache']);

/** A sentence where its templates can't be evaluated any more. */
async function resolve(
  { store }: WorldDeps,
  { build, job, nodeId }: Setting,
  step: Step,
  given: Map<string, string>,
): Promise<ResolvedStep | string> {
  const secrets = { resolve: () => Promise.resolve(given) };
  const scene = await openScene({ store, secrets }, build, job, nodeId);
  const status: Status = step.phase === 'main' || step.phase === 'prepare' ? 'success' : statusOfJob(job);
  const prepared = await resolveAgain({
    scene,
    build,
    job,
    step,
    status,
    jobStatus: status,
    link: { send: () => undefined, cut: () => undefined },
    begin: () => undefined,
    // Nobody is asked for what the workspace has by now.
    signal: AbortSignal.abort(new FootmanError('expression-failed', 'its files were not looked at')),
  });
  if (prepared.kind === 'run') return prepared.step;
  return `step ${step.name}: ${prepared.reason}`;
}

function statusOfJob({ result }: Job): Status {
  if (result === 'success') return 'success';
  return result === 'cancelled' ? 'cancelled' : 'failure';
}

async function environment(
  { store }: WorldDeps,
  { build, job, nodeId }: Setting,
  step: Step,
  { env }: ResolvedStep,
): Promise<Record<string, string>> {
  return {
    ...build.env,
    ...(step.phase === 'prepare' ? {} : job.resolved?.env),
    ...env,
    ...(await footmanVariables({ store, build, job, step, nodeId })),
  };
}

function scriptOf(resolved: ResolvedStep): Omit<NonNullable<World['step']>, 'env'> {
  const { name, workingDirectory, kind } = resolved;
  const place = workingDirectory === undefined ? {} : { workingDirectory };
  if (kind !== 'run') return { name, shell: 'sh', script: NOT_REPEATABLE, ...place };
  return { name, shell: shellOf(resolved.shell), script: resolved.run, ...place };
}

/** The value of one that may stay can have one in it that may not. */
function withoutValues(
  env: Record<string, string>,
  denied: ReadonlyMap<string, string>,
): Record<string, string> {
  const values = [...denied.values()].filter((value) => value !== '');
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      values.some((secret) => value.includes(secret)) ? '' : value,
    ]),
  );
}
