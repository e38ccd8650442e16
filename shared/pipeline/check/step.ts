import type { Report } from '#shared/document';
import { nearest } from '#shared/nearest';
import { type Draft, isMapping } from '../draft.ts';
import { STRANGERS } from '../schema/strangers.ts';

interface Kinds {
  keys: readonly string[];
  /** For a step that has none of them. */
  hint: string;
}

const ALL_KINDS: Kinds = {
  keys: ['run', 'checkout', 'cache', 'reboot', 'uses', 'snapshot', 'hold'],
  hint: 'it needs "run" with a script, "checkout", "cache", "reboot" or "uses"',
};

/** Keys that say how a script runs. */
const RUN_ONLY = [
  ['shell', 'take it away'],
  ['working-directory', 'only a script has one'],
] as const;

/** What means nothing to a machine that restarts. */
const NOT_BESIDE_REBOOT = [
  ['env', 'write it at the steps that run a script'],
  ['timeout', 'write it inside: "reboot: { timeout: 5m }"'],
] as const;

/** What means nothing to a node that is captured. */
const NOT_BESIDE_SNAPSHOT = [
  ['id', 'no step comes after it'],
  ['env', 'write it at the steps under "verify"'],
  ['timeout', '"images.capture-timeout" in the configuration of the controller says how long it may take'],
] as const;

/** What means nothing to a node that is kept. */
const NOT_BESIDE_HOLD = [
  ['id', 'it does nothing that another step could read'],
  ['env', 'its people find the environment of the step that failed'],
  ['timeout', 'write it inside: "hold: { for: 4h }"'],
] as const;

/** What a step can't say beside its template. */
const NOT_BESIDE_USES = ['name', 'id', 'env', 'continue-on-error', 'timeout', 'shell', 'working-directory'];

/** A step does exactly one thing, of those that its place knows, and says nothing that means nothing to it. */
export function checkStep({ path, value: step }: Draft, report: Report, kinds = ALL_KINDS): void {
  if (!isMapping(step)) return;
  const [kind, second] = Object.keys(step).filter((key) => kinds.keys.includes(key));
  // A misspelt key, or one of another system or place, is reported as such.
  if (kind === undefined && !Object.keys(step).some(isMisspelt)) {
    report(path, 'the step does nothing', { hint: kinds.hint });
  }
  if (kind !== undefined && second !== undefined) {
    report([...path, second], `a step can't have both "${kind}" and "${second}"`, {
      at: 'key',
      hint: 'make two steps of it',
    });
  }
  if (kind === 'uses') checkBesideUses(path, step, report);
  else checkBeside(path, step, kind, kinds, report);
}

function checkBeside(
  path: Draft['path'],
  step: Record<string, unknown>,
  kind: string | undefined,
  kinds: Kinds,
  report: Report,
): void {
  if (Object.hasOwn(step, 'with') && kinds.keys.includes('uses')) {
    const hint = kind === 'run' ? 'give values to a script through "env"' : 'take it away';
    report([...path, 'with'], '"with" is for steps with "uses" only', { at: 'key', hint });
  }
  if (kind === undefined || kind === 'run') return;
  if (kind === 'reboot') checkBesideKind(path, step, kind, NOT_BESIDE_REBOOT, report);
  if (kind === 'snapshot') checkBesideKind(path, step, kind, NOT_BESIDE_SNAPSHOT, report);
  if (kind === 'hold') checkBesideKind(path, step, kind, NOT_BESIDE_HOLD, report);
  for (const [key, hint] of RUN_ONLY) {
    if (!Object.hasOwn(step, key)) continue;
    const better = key === 'working-directory' && kind === 'checkout' ? 'use "path" inside "checkout"' : hint;
    report([...path, key], `${JSON.stringify(key)} is for steps with "run" only`, {
      at: 'key',
      hint: better,
    });
  }
}

function checkBesideKind(
  path: Draft['path'],
  step: Record<string, unknown>,
  kind: string,
  refused: readonly (readonly [key: string, hint: string])[],
  report: Report,
): void {
  for (const [key, hint] of refused) {
    if (!Object.hasOwn(step, key)) continue;
    report([...path, key], `${JSON.stringify(key)} can't stand beside "${kind}"`, { at: 'key', hint });
  }
}

function checkBesideUses(path: Draft['path'], step: Record<string, unknown>, report: Report): void {
  for (const key of NOT_BESIDE_USES) {
    if (!Object.hasOwn(step, key)) continue;
    const hint = 'only "with" and "if" can: the template has steps of its own';
    report([...path, key], `${JSON.stringify(key)} can't stand beside "uses"`, { at: 'key', hint });
  }
}

function isMisspelt(key: string): boolean {
  return STRANGERS.has(key) || ALL_KINDS.keys.includes(key) || nearest(key, ALL_KINDS.keys).length > 0;
}
