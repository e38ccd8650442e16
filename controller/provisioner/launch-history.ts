import { templateKey, type TemplateId } from '#controller/fleet';
import type { NodeFailure } from '#controller/store';

/** What became of the last launches of each template: how long they take, and how often they go well. */
export interface LaunchHistory {
  note(template: TemplateId, outcome: LaunchOutcome): void;
  /** How long a start took that was slower than this share of them (0.5 is the median), in milliseconds; null when too few are known. */
  startMs(template: TemplateId, quantile: number): number | null;
  /** From 0 to 1, of the newest launches; optimistic about a template of which little is known, so that it gets its chance. */
  successRate(template: TemplateId): number;
}

export interface LaunchOutcome {
  /** Milliseconds since the epoch. */
  at: number;
  /** Null when the node became ready. */
  failure: NodeFailure | null;
  /** From the intent to ready, in milliseconds; null when it did not become ready. */
  startMs: number | null;
}

/** So many of a template are remembered. */
export const REMEMBERED_LAUNCHES = 200;
const FEWEST_STARTS = 5;
/** A template that has recovered is soon trusted again. */
const RATED = 50;
/** Successes that everybody is given in advance. */
const CREDIT = 2;

interface Past {
  outcomes: LaunchOutcome[];
  /** Start times, the shortest first; null until somebody asks. */
  starts: number[] | null;
}

export function createLaunchHistory(): LaunchHistory {
  const pasts = new Map<string, Past>();

  return {
    note(template, outcome) {
      // A refusal for want of room says nothing about the template, and there may be many.
      if (outcome.failure === 'aborted') return;
      const key = templateKey(template);
      const outcomes = [...(pasts.get(key)?.outcomes ?? []), outcome].slice(-REMEMBERED_LAUNCHES);
      pasts.set(key, { outcomes, starts: null });
    },

    startMs(template, quantile) {
      const past = pasts.get(templateKey(template));
      if (past === undefined) return null;
      past.starts ??= startsOf(past.outcomes);
      if (past.starts.length < FEWEST_STARTS) return null;
      // Nearest rank: a time that was really seen.
      const rank = Math.max(1, Math.ceil(quantile * past.starts.length));
      return past.starts[rank - 1] ?? null;
    },

    successRate(template) {
      const rated = (pasts.get(templateKey(template))?.outcomes ?? []).slice(-RATED);
      const good = rated.filter(({ failure }) => failure === null).length;
      return (good + CREDIT) / (rated.length + CREDIT);
    },
  };
}

function startsOf(outcomes: readonly LaunchOutcome[]): number[] {
  return outcomes
    .map(({ startMs }) => startMs)
    .filter((ms) => ms !== null)
    .toSorted((a, b) => a - b);
}
