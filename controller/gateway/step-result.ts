import type { Result } from '#controller/store';
import type { StepEnd } from '#shared/protocol';

/** A step's result from how its process ended: only an exit code of 0 is success. */
export function resultOf(end: StepEnd): Result {
  switch (end.reason) {
    case 'timed-out':
      return 'timed-out';
    case 'cancelled':
      return 'cancelled';
    case 'not-started':
      return 'failure';
    case 'exited':
      return end.exit === 0 ? 'success' : 'failure';
  }
}

/** Why the job ended as it did, in words that name the step. */
export function reasonOf(stepName: string, end: StepEnd): string | null {
  if (end.reason === 'timed-out') return `step ${stepName} took longer than its timeout`;
  if (end.reason === 'cancelled') return null;
  if (end.reason === 'not-started')
    return `step ${stepName} could not start: ${end.message ?? 'no reason given'}`;
  if (end.signal !== null) return `step ${stepName} was killed by ${end.signal}`;
  return end.exit === 0 ? null : `step ${stepName} exited with ${end.exit}`;
}
