import type { Style } from './style.ts';

/** The result of what has ended, else the state, in its colour. */
export function paintState(style: Style, state: string, result: string | null): string {
  return style.paint(colourOf(result ?? state), result ?? state);
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
    case 'deleting':
      return 'yellow';
    case 'running':
    case 'leased':
      return 'cyan';
    default:
      return 'dim';
  }
}
