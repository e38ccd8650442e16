import { isOfVersion, templateKey, type Refusal, type TemplateId, type UnderWay } from '#controller/fleet';

/**
 * A circuit breaker for each template: it keeps launches away from one that fails, longer each time, and never for ever (L11, L12).
 *
 * `closed`     launches go on
 * `open`       several in a row failed; nothing is launched until a time
 * `half-open`  the time has come: one node at a time is launched as a probe. One that becomes ready closes the breaker, one that fails
 *              opens it for twice as long
 */
export interface Breakers {
  /** A node of the template failed. */
  failed(template: TemplateId, reason: string, now: number): void;
  /**
   * The provider had no room: a short pause, however often, that counts for nothing. For a while after that one launch at a time is tried:
   * all who wait would else be refused together, again and again (L11).
   */
  aborted(template: TemplateId, reason: string, now: number): void;
  /** A node of the template became ready; or there is another reason to trust it again. */
  succeeded(template: TemplateId): void;
  /** The version of an image is gone, on whichever template it was tried. */
  forget(versionId: string): void;
  /** There is reason to hope again: one that is open lets its probe through at once. */
  probe(template: TemplateId): void;
  /** Why not to launch now; null means go on. */
  refusal(template: TemplateId, underWay: UnderWay, now: number): Refusal | null;
  state(template: TemplateId, now: number): BreakerState;
}

export interface BreakerState {
  state: 'closed' | 'open' | 'half-open';
  /** In a row. */
  failures: number;
  /** Of the last one. */
  reason: string | null;
  /** When an open one lets a probe through, in milliseconds since the epoch. */
  until: number | null;
}

const OPENS_AT = 3;
const FIRST_OPEN_MS = 1_000;
const LONGEST_OPEN_MS = 10 * 60_000;
const ABORTED_PAUSE_MS = 2_000;
/** How long a provider that had no room is taken for full, or nearly. */
const FULL_MS = 60_000;

interface Breaker {
  failures: number;
  /** How often it opened since it was closed. */
  openings: number;
  reason: string;
  openUntil: number;
}

export function createBreakers(): Breakers {
  const breakers = new Map<string, Breaker>();
  const pauses = new Map<string, { reason: string; until: number }>();

  return {
    failed(template, reason, now) {
      const { failures, openings, openUntil } = breakers.get(templateKey(template)) ?? UNTOUCHED;
      const next: Breaker = { failures: failures + 1, openings, reason, openUntil };
      // What was on its way when it opened tells nothing new: only a probe's failure opens it for longer.
      if (next.failures >= OPENS_AT && isOver(openUntil, now)) {
        next.openUntil = now + Math.min(FIRST_OPEN_MS * 2 ** openings, LONGEST_OPEN_MS);
        next.openings += 1;
      }
      breakers.set(templateKey(template), next);
    },

    aborted(template, reason, now) {
      pauses.set(templateKey(template), { reason, until: now + ABORTED_PAUSE_MS });
    },

    succeeded(template) {
      breakers.delete(templateKey(template));
    },

    forget(versionId) {
      for (const key of breakers.keys()) if (isOfVersion(key, versionId)) breakers.delete(key);
    },

    probe(template) {
      const key = templateKey(template);
      const breaker = breakers.get(key);
      if (breaker !== undefined) breakers.set(key, { ...breaker, openUntil: -Infinity });
    },

    refusal(template, { nodes, asked }, now) {
      const { state, failures, reason, until } = stateOf(template, now);
      const after = `after ${failures} failures: ${reason}`;
      if (state === 'open' && until !== null)
        return { code: 'breaker', reason: `breaker open ${after}; tried again at ${timeOf(until)}`, until };
      const pause = pauses.get(templateKey(template));
      if (pause !== undefined && !isOver(pause.until, now)) return { code: 'aborted', ...pause };
      if (pause !== undefined && !isOver(pause.until + FULL_MS, now) && asked > 0) {
        // Asked again after as long as a pause: that a provider accepts a launch wakes nobody.
        const told = `one launch at a time is tried, for there was no room lately: ${pause.reason}`;
        return { code: 'aborted', reason: told, until: now + ABORTED_PAUSE_MS };
      }
      if (state === 'half-open' && nodes > 0)
        return {
          code: 'breaker',
          reason: `breaker half-open ${after}; one node is tried first`,
          until: null,
        };
      return null;
    },

    state: stateOf,
  };

  function stateOf(template: TemplateId, now: number): BreakerState {
    const breaker = breakers.get(templateKey(template));
    if (breaker === undefined) return { state: 'closed', failures: 0, reason: null, until: null };
    const { failures, reason, openings, openUntil } = breaker;
    if (openings === 0) return { state: 'closed', failures, reason, until: null };
    if (isOver(openUntil, now)) return { state: 'half-open', failures, reason, until: null };
    return { state: 'open', failures, reason, until: openUntil };
  }
}

const UNTOUCHED = { failures: 0, openings: 0, openUntil: -Infinity } as const;

/** Nothing is open for longer than the longest time: if it seems so, the clock was put back. */
function isOver(until: number, now: number): boolean {
  return now >= until || until > now + LONGEST_OPEN_MS;
}

/** `12:04:10Z`: a breaker is never open for as long as a day. */
function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)}Z`;
}
