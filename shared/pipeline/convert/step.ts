import { defined } from './defined.ts';
import type { Library } from '../templates/library.ts';
import { inside, type Origin } from '../origin.ts';
import type { Cache, Checkout, Step } from '../step.ts';
import type { Condition } from '../template.ts';
import type { CheckoutSource } from '../schema/checkout.ts';
import type { SnapshotSource, StepSource } from '../schema/snapshot.ts';
import type { CacheSource } from '../schema/step.ts';
import { nameOfCache, nameOfCheckout, nameOfScript, nameOfSnapshot } from './step-name.ts';
import { toBinding } from './binding.ts';
import { toCondition } from './condition.ts';
import { toHold } from './hold.ts';
import { toList } from './list.ts';
import { toSnapshot } from './snapshot.ts';
import { toTexts } from './texts.ts';

export interface StepDefaults {
  shell?: string | undefined;
  'working-directory'?: string | undefined;
}

export interface StepOptions {
  library: Library;
  /** For what the steps leave open. A template's steps never see those of who uses it. */
  defaults: StepDefaults;
  /** Those of the steps that use the template which these steps are in. */
  conditions?: Condition[];
}

/** How long a reboot may take that does not say. */
const DEFAULT_REBOOT_MS = 10 * 60_000;

/** The steps, each `uses` replaced by the steps of its template. */
export function toSteps(steps: readonly StepSource[], origin: Origin, options: StepOptions): Step[] {
  return steps.flatMap((step, index) => expand(step, inside(origin, index), options));
}

function expand(step: StepSource, origin: Origin, options: StepOptions): Step[] {
  if (step.uses === undefined) return [toStep(step, origin, options)];
  const found = options.library.find(step.uses);
  if (found?.template.steps === undefined) return [];
  const conditions = [...(options.conditions ?? []), ...toCondition(step.if, origin)];
  const inner = toBinding(found, step.with, inside(origin, 'with'));
  return toSteps(found.template.steps, inside(inner, 'steps'), { ...options, defaults: {}, conditions });
}

function toStep(step: StepSource, origin: Origin, options: StepOptions): Step {
  const { defaults, conditions = [] } = options;
  const base = {
    ...defined({ id: step.id }),
    conditions: [...conditions, ...toCondition(step.if, origin)],
    env: toTexts(step.env, inside(origin, 'env')),
    continueOnError: step['continue-on-error'] ?? false,
    ...defined({ timeoutMs: step.timeout }),
  };
  const binding = defined({ binding: origin.binding });
  if (step.cache !== undefined) {
    const cache = toCache(step.cache);
    return { kind: 'cache', name: step.name ?? nameOfCache(cache), cache, ...base, ...binding };
  }
  if (step.reboot !== undefined) {
    const timeoutMs = step.reboot?.timeout ?? DEFAULT_REBOOT_MS;
    return { kind: 'reboot', name: step.name ?? 'reboot', ...base, timeoutMs, ...binding };
  }
  if (step.snapshot !== undefined) {
    const snapshot = toSnapshot(step.snapshot, toVerifySteps(step.snapshot, origin, options));
    return { kind: 'snapshot', name: step.name ?? nameOfSnapshot(snapshot), snapshot, ...base, ...binding };
  }
  if (step.hold !== undefined)
    return { kind: 'hold', name: step.name ?? 'hold', hold: toHold(step.hold), ...base, ...binding };
  if (step.run === undefined) {
    const checkout = toCheckout(step.checkout);
    return { kind: 'checkout', name: step.name ?? nameOfCheckout(checkout), checkout, ...base, ...binding };
  }
  return {
    kind: 'run',
    name: step.name ?? nameOfScript(step.run),
    run: step.run,
    shell: step.shell ?? defaults.shell ?? 'sh',
    ...base,
    ...defined({ workingDirectory: step['working-directory'] ?? defaults['working-directory'] }),
    ...binding,
  };
}

/** They run on another node, where nobody has made the directories of this job. */
function toVerifySteps(source: SnapshotSource, origin: Origin, { library, defaults }: StepOptions): Step[] {
  if (typeof source === 'string') return [];
  const place = inside(origin, 'snapshot', 'verify');
  return toSteps(source.verify, place, { library, defaults: { shell: defaults.shell } });
}

function toCheckout(source: CheckoutSource | undefined): Checkout {
  if (source === undefined || source === true) return { submodules: false, lfs: false };
  const { submodules, lfs, 'ssh-key': sshKey, 'known-hosts': knownHosts, ...rest } = source;
  return { ...defined(rest), submodules, lfs, ...defined({ sshKey, knownHosts }) };
}

function toCache(source: CacheSource): Cache {
  return {
    key: source.key,
    restoreKeys: toList(source['restore-keys']),
    paths: toList(source.paths),
  };
}
