import type { Style } from './style.ts';

/** What ended badly ended so for a reason that somebody wants to read. */
export function endsBadly(result: string | null): boolean {
  return result === 'failure' || result === 'errored' || result === 'timed-out';
}

/** The result of what has ended, else the state, in its colour. */
export function paintState(style: Style, state: string, result: string | null): string {
  return style.paint(colourOf(result ?? state), result ?? state);
}

interface Ending {
  state: string;
  result: string | null;
  /** Whether what it is part of goes on as if it had succeeded. */
  continueOnError: boolean;
}

/** The same for a job or a step, whose failure may be allowed. */
export function paintEnding(style: Style, { state, result, continueOnError }: Ending): string {
  if (!continueOnError || !endsBadly(result)) return paintState(style, state, result);
  return style.paint('yellow', `${result} (allowed)`);
}

function colourOf(word: string): 'green' | 'red' | 'yellow' | 'cyan' | 'dim' {
  switch (word) {
    case 'success':
    case 'complete':
    case 'ready':
      return 'green';
    case 'failure':
    case 'errored':
    case 'timed-out':
    case 'failed':
      return 'red';
    case 'cancelled':
    case 'held':
    case 'waiting':
    case 'deleting':
      return 'yellow';
    case 'running':
    case 'leased':
    case 'rebooting':
      return 'cyan';
    default:
      return 'dim';
  }
}
