import type { Report } from '#shared/document';
import { nearest } from '#shared/nearest';
import { type Draft, isMapping } from './draft.ts';

/** Keys that say how a script runs. */
const RUN_ONLY = [
  ['shell', 'take it away'],
  ['working-directory', 'use "path" inside "checkout"'],
] as const;

/** A step runs a script or checks out source: exactly one of them. */
export function checkStep({ path, value: step }: Draft, report: Report): void {
  if (!isMapping(step)) return;
  const runs = Object.hasOwn(step, 'run');
  const checksOut = Object.hasOwn(step, 'checkout');
  // A misspelt key is reported as such.
  if (!runs && !checksOut && !Object.keys(step).some(isMisspelt)) {
    report(path, 'the step does nothing', { hint: 'it needs "run" with a script, or "checkout"' });
  }
  if (runs && checksOut) {
    const second = Object.keys(step).findLast((key) => key === 'run' || key === 'checkout') ?? 'checkout';
    report([...path, second], 'a step can\'t have both "run" and "checkout"', {
      at: 'key',
      hint: 'make two steps of it',
    });
  }
  if (runs || !checksOut) return;
  for (const [key, hint] of RUN_ONLY) {
    if (Object.hasOwn(step, key))
      report([...path, key], `${JSON.stringify(key)} is for steps with "run" only`, { at: 'key', hint });
  }
}

function isMisspelt(key: string): boolean {
  return nearest(key, ['run', 'checkout']).length > 0;
}
