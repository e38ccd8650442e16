import type { Clock } from '#controller/clock';
import { formatDuration } from '#shared/quantity';
import { addressGroup } from './address-group.ts';

/** Who may try to log in: not too many at a time, and nobody who failed too often. */
export interface Doorman {
  /** Why somebody from there may not come in now, as a sentence; or a visit. */
  arrive(address: string): string | Visit;
}

/** Somebody who has not logged in yet. Each of these may be said again, and then does nothing. */
export interface Visit {
  /** It was tried in vain; that counts once. */
  failed(): void;
  /** They are in, or gone: they are no longer waiting. */
  over(): void;
}

/** So many connections of one address that failed to log in within the window, and it has to wait. */
const MAX_FAILURES = 20;
const WINDOW_MS = 10 * 60_000;
/** Connections that have not logged in, of everybody and of one address. */
const MAX_WAITING = 100;
const MAX_WAITING_OF_ONE = 20;
/** Addresses that are remembered: those that failed longest ago are forgotten before their time. */
const MAX_ADDRESSES = 10_000;

export function createDoorman(clock: Clock): Doorman {
  /** When each address failed, oldest first. */
  const failures = new Map<string, number[]>();
  const waiting = new Map<string, number>();
  let allWaiting = 0;

  return {
    arrive(address) {
      const group = addressGroup(address);
      const waitMs = waitOf(group);
      if (waitMs > 0) return `too many failed logins from ${group}: wait ${formatDuration(waitMs)}`;
      const own = waiting.get(group) ?? 0;
      if (allWaiting >= MAX_WAITING || own >= MAX_WAITING_OF_ONE)
        return 'too many are logging in at the moment: try again soon';
      allWaiting += 1;
      waiting.set(group, own + 1);
      return visit(group);
    },
  };

  function visit(group: string): Visit {
    let hasFailed = false;
    let isOver = false;
    return {
      failed() {
        if (!hasFailed) noteFailure(group);
        hasFailed = true;
      },
      over() {
        if (isOver) return;
        isOver = true;
        allWaiting -= 1;
        const left = (waiting.get(group) ?? 1) - 1;
        if (left === 0) waiting.delete(group);
        else waiting.set(group, left);
      },
    };
  }

  function waitOf(group: string): number {
    const [first, ...others] = failures.get(group) ?? [];
    if (first === undefined || others.length + 1 < MAX_FAILURES) return 0;
    return first + WINDOW_MS - clock.now();
  }

  function noteFailure(group: string): void {
    const at = clock.now();
    const recent = (failures.get(group) ?? []).filter((then) => then > at - WINDOW_MS);
    // Those that failed last stand last.
    failures.delete(group);
    failures.set(group, [...recent, at].slice(-MAX_FAILURES));
    if (failures.size <= MAX_ADDRESSES) return;
    const [longestAgo] = failures.keys();
    if (longestAgo !== undefined) failures.delete(longestAgo);
  }
}
