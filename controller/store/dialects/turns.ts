import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that never waits for anything outside the process holds all else up: sockets, timers, other stores. It may for this long. */
const SLICE_MS = 5;

/**
 * Returns what to await before a statement. SQLite answers within the call, so `await` after `await` would go on in one turn of the event
 * loop for ever; once a turn's statements have taken `SLICE_MS`, the next one waits for the next turn.
 */
export function createTurns(): () => Promise<void> | undefined {
  let startedAt: number | undefined;

  return function takeTurn() {
    if (startedAt === undefined) {
      startedAt = performance.now();
      setImmediate(() => (startedAt = undefined));
      return undefined;
    }
    return performance.now() - startedAt < SLICE_MS ? undefined : nextTurn();
  };
}
