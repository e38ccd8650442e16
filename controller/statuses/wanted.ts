import type { Build, CommitState, Result } from '#controller/store';

/** Every provider takes this many; GitHub no more. */
const MAX_DESCRIPTION = 140;
const MAX_CONTEXT = 255;

const STATES: Readonly<Record<Result, CommitState>> = {
  success: 'success',
  skipped: 'success',
  failure: 'failure',
  'timed-out': 'failure',
  errored: 'error',
  cancelled: 'cancelled',
};

type Reported = Pick<Build, 'state' | 'result' | 'reason' | 'number'>;

/** How a build stands, in the words of commit statuses. */
export function stateOf({ state, result }: Pick<Build, 'state' | 'result'>): CommitState {
  if (state === 'queued') return 'pending';
  if (state === 'running') return 'running';
  return result === null ? 'error' : STATES[result];
}

/** For people, in one line of at most 140 characters. */
export function describe(build: Reported): string {
  const { state, result, reason, number } = build;
  if (state === 'queued') return `build ${number} waits`;
  if (state === 'running') return `build ${number} runs`;
  const outcome = `build ${number}: ${result ?? 'errored'}`;
  return shorten(reason === null ? outcome : `${outcome}, ${reason}`, MAX_DESCRIPTION);
}

/** What the provider shows the status under. */
export function contextOf(name: string): string {
  return shorten(`footman/${name}`, MAX_CONTEXT);
}

export function describeBroken(sentence: string): string {
  return shorten(sentence, MAX_DESCRIPTION);
}

function shorten(text: string, length: number): string {
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
  if (line.length <= length) return line.toWellFormed();
  // A pair of surrogates that the cut divides would not be text any more.
  return `${line.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`.toWellFormed();
}
