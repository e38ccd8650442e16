import type { Blobs } from '#controller/blobs';
import type { Caches } from '#controller/caches';
import { SOURCE_INPUT, checkoutScript } from '#controller/checkout';
import { findProject, type Build, type Job, type Step, type Store } from '#controller/store';
import { splitWords, type ResolvedStep } from '#shared/pipeline';
import { MAX_CONTROL_BYTES, type StepInput, type StepStart } from '#shared/protocol';
import type { StepLimits } from './limits.ts';
import { footmanVariables } from './step-variables.ts';

interface Context {
  build: Build;
  job: Job;
  step: Step;
  nodeId: string;
  store: Store;
  blobs: Blobs;
  caches: Caches;
  limits: StepLimits;
  /** Values that its log and its outputs must not show: all of the job's. */
  secrets: readonly string[];
  /** How long it may run where it does not say itself, in milliseconds. */
  longestMs: number;
}

/** A script and what goes with it. */
interface Script {
  shell: StepStart['shell'];
  script: string;
  env: Record<string, string>;
  inputs: StepInput[];
}

/** How long a step has to fetch its inputs. */
const INPUT_LINK_MS = 60 * 60_000;

/** A step that a script does. */
export type ScriptedStep = Exclude<
  ResolvedStep,
  { kind: 'reboot' | 'snapshot' | 'hold' | 'fetch' | 'collect' }
>;

/** The message that starts the step; the same each time it is made, but for the links in it. Null for a step that has nothing to do. */
export async function stepStart(context: Context, resolved: ScriptedStep): Promise<StepStart | null> {
  const { build, job, step, limits, longestMs } = context;
  const script = await scriptOf(context, resolved);
  if (script === null) return null;
  const { workingDirectory } = resolved;
  return {
    type: 'step.start',
    step: step.id,
    stream: step.position,
    shell: script.shell,
    script: script.script,
    env: {
      ...build.env,
      ...(step.phase === 'prepare' ? {} : job.resolved?.env),
      ...resolved.env,
      ...script.env,
      ...(await footmanVariables(context)),
    },
    secrets: [...context.secrets, ...credentialsOf(resolved)],
    inputs: script.inputs,
    timeoutMs: resolved.timeoutMs ?? longestMs,
    graceMs: limits.graceMs,
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
    logLimit: limits.logBytes,
  };
}

/** Whether the message may be sent at all: the agent cuts a connection on which a longer one comes. */
export function fitsIntoMessage(start: StepStart): boolean {
  return Buffer.byteLength(JSON.stringify(start)) <= MAX_CONTROL_BYTES;
}

/** What a checkout logs in with is masked even where its pipeline has it from elsewhere than a secret. */
function credentialsOf(resolved: ScriptedStep): string[] {
  if (resolved.kind !== 'checkout') return [];
  const { token, sshKey } = resolved.checkout;
  // Of `user:password`, what counts is the password.
  const password = token?.slice(token.indexOf(':') + 1);
  return [token, password, sshKey].filter((text) => text !== undefined);
}

async function scriptOf(context: Context, resolved: ScriptedStep): Promise<Script | null> {
  const { build, job, step, caches } = context;
  switch (resolved.kind) {
    case 'run':
      return { shell: shellOf(resolved.shell), script: resolved.run, env: {}, inputs: [] };
    case 'checkout':
      return checkout(context, resolved);
    case 'cache': {
      if (step.phase !== 'save')
        return { shell: 'sh', ...(await caches.restore(build, job, resolved.cache)) };
      const save = await caches.save(build, job, resolved.cache);
      return save && { shell: 'sh', ...save, inputs: [] };
    }
  }
}

const KNOWN_SHELLS = ['sh', 'bash', 'python'] as const;

export function shellOf(line: string): StepStart['shell'] {
  const known = KNOWN_SHELLS.find((shell) => shell === line);
  if (known !== undefined) return known;
  const split = splitWords(line);
  return split.ok ? split.words : [line];
}

async function checkout(
  { build, store, blobs }: Context,
  resolved: ResolvedStep & { kind: 'checkout' },
): Promise<Script> {
  const project = build.project_id === null ? undefined : await findProject(store.db, build.project_id);
  const remote = project?.repository ?? null;
  const { script, env, takesSource } = checkoutScript(resolved.checkout, build.source, remote);
  return { shell: 'sh', script, env, inputs: takesSource ? await sourceInput(build, blobs) : [] };
}

async function sourceInput({ source }: Build, blobs: Blobs): Promise<StepInput[]> {
  if (source === null) return [];
  const { blob, bytes, sha256 } = source;
  const request = await blobs.presign({ method: 'GET', key: blob, expiresIn: INPUT_LINK_MS });
  return [{ name: SOURCE_INPUT, request, bytes, sha256 }];
}
