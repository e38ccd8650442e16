import { isTemplate, type Contexts, type EvaluateOptions } from '#shared/expressions';
import { FootmanError } from '#shared/errors';
import { bind } from './binding.ts';
import { createEvaluator, type Evaluator } from './evaluated.ts';
import { cacheKey, cachePath, directory, gitArgument, streamName } from '../schema/fields.ts';
import { MAX_SCRIPT_LENGTH } from '../limits.ts';
import type { Cache, Checkout, Fetch, Hold, Shell, Snapshot, Step } from '../step.ts';
import { artifactName } from './artifact.ts';
import { resolveEnv } from './env.ts';

/** A step as its node gets it: nothing in it is a template. */
export type ResolvedStep = ResolvedBase &
  (
    | { kind: 'run'; run: string; shell: Shell }
    | { kind: 'checkout'; checkout: Checkout }
    | { kind: 'cache'; cache: Cache }
    | { kind: 'reboot'; timeoutMs: number }
    | { kind: 'snapshot'; snapshot: Snapshot }
    | { kind: 'hold'; hold: Hold }
    | { kind: 'fetch'; fetch: Fetch }
    | { kind: 'collect' }
  );

interface ResolvedBase {
  name: string;
  env: Record<string, string>;
  continueOnError: boolean;
  /** In milliseconds; without it, only the job's timeout counts. */
  timeoutMs?: number;
  workingDirectory?: string;
}

/**
 * The templates of a step that is about to start.
 *
 * @throws FootmanError `expression-failed`, or `HashNeeded`
 */
export function resolveStep(step: Step, outside: Contexts, options: EvaluateOptions = {}): ResolvedStep {
  const { secrets, ...withoutSecrets } = bind(outside, step.binding);
  const env = resolveEnv(
    step.env,
    { ...withoutSecrets, ...(secrets === undefined ? {} : { secrets }) },
    options,
  );
  // What a step puts into its environment may be secret: no other field sees it.
  const evaluator = createEvaluator(withoutSecrets, options);
  const base = { ...resolveBase(step, evaluator), env };
  switch (step.kind) {
    case 'run':
      return { ...base, kind: 'run', run: scriptOf(evaluator.text(step.run, 'run')), shell: step.shell };
    case 'checkout': {
      const credentials = createEvaluator({ ...withoutSecrets, secrets: secrets ?? {} }, options);
      return { ...base, kind: 'checkout', checkout: resolveCheckout(step.checkout, evaluator, credentials) };
    }
    case 'cache':
      return { ...base, kind: 'cache', cache: resolveCache(step.cache, evaluator) };
    case 'reboot':
      return { ...base, kind: 'reboot', timeoutMs: evaluator.duration(step.timeoutMs, timeoutKeyOf(step)) };
    case 'snapshot':
      return { ...base, kind: 'snapshot', snapshot: resolveSnapshot(step.snapshot, evaluator) };
    case 'hold':
      return { ...base, kind: 'hold', hold: resolveHold(step.hold, evaluator) };
    case 'fetch':
      return { ...base, kind: 'fetch', fetch: resolveFetch(step.fetch, evaluator) };
    case 'collect':
      return { ...base, kind: 'collect' };
  }
}

function resolveBase(step: Step, evaluator: Evaluator): Omit<ResolvedBase, 'env'> {
  const { timeoutMs, workingDirectory } = step;
  const folder =
    workingDirectory === undefined
      ? undefined
      : evaluator.as(directory, workingDirectory, 'working-directory');
  return {
    name: evaluator.label(step.name, step.kind),
    continueOnError: evaluator.flag(step.continueOnError, 'continue-on-error'),
    ...(timeoutMs === undefined ? {} : { timeoutMs: evaluator.duration(timeoutMs, timeoutKeyOf(step)) }),
    ...(folder === undefined ? {} : { workingDirectory: folder }),
  };
}

function timeoutKeyOf({ kind }: Step): string {
  return kind === 'reboot' ? 'reboot.timeout' : 'timeout';
}

/** A script may well show `${{` to a tool that reads it, so only its length counts. */
function scriptOf(text: string): string {
  if (text.length <= MAX_SCRIPT_LENGTH) return text;
  throw new FootmanError(
    'expression-failed',
    `run has ${text.length} characters; at most ${MAX_SCRIPT_LENGTH} are allowed`,
  );
}

function resolveCheckout(checkout: Checkout, plain: Evaluator, credentials: Evaluator): Checkout {
  const { repository, ref, path, token, sshKey, knownHosts, ...rest } = checkout;
  const folder = path === undefined ? undefined : plain.as(directory, path, 'checkout.path');
  return {
    ...rest,
    ...(repository === undefined
      ? {}
      : { repository: plain.as(gitArgument, repository, 'checkout.repository') }),
    ...(ref === undefined ? {} : { ref: plain.as(gitArgument, ref, 'checkout.ref') }),
    ...(folder === undefined ? {} : { path: folder }),
    ...(token === undefined ? {} : { token: credentials.text(token, 'checkout.token') }),
    ...(sshKey === undefined ? {} : { sshKey: credentials.text(sshKey, 'checkout.ssh-key') }),
    ...(knownHosts === undefined ? {} : { knownHosts: plain.text(knownHosts, 'checkout.known-hosts') }),
  };
}

function resolveCache({ key, restoreKeys, paths }: Cache, evaluator: Evaluator): Cache {
  return {
    key: evaluator.as(cacheKey, key, 'cache.key'),
    restoreKeys: restoreKeys.map((text) => evaluator.as(cacheKey, text, 'cache.restore-keys')),
    paths: paths.map((text) => evaluator.as(cachePath, text, 'cache.paths')),
  };
}

/** What verifies it is a job of its own, and is resolved there. */
function resolveSnapshot({ stream, ...rest }: Snapshot, evaluator: Evaluator): Snapshot {
  // What is no template was checked when it was read, or is a name that only the controller gives.
  if (!isTemplate(stream)) return { ...rest, stream };
  return { ...rest, stream: evaluator.as(streamName, stream, 'snapshot.stream') };
}

function resolveHold({ reason, ...rest }: Hold, evaluator: Evaluator): Hold {
  const line = reason === undefined ? '' : evaluator.label(reason, '', 'hold.reason');
  return { ...rest, ...(line === '' ? {} : { reason: line }) };
}

function resolveFetch({ from, artifact, path }: Fetch, evaluator: Evaluator): Fetch {
  const folder = path === undefined ? undefined : evaluator.as(directory, path, 'artifacts.path');
  return {
    from,
    ...(artifact === undefined
      ? {}
      : { artifact: evaluator.as(artifactName, artifact, 'the name of the artifact') }),
    ...(folder === undefined ? {} : { path: folder }),
  };
}
