import type { Template } from './open-cloud.ts';

/** Keeps launches away from a template that fails, longer after each failure, never for ever (L11, L12). */
export interface Backoff {
  /** A launch failed for a reason that may pass. */
  failed(template: Template, reason: string, now: number): void;
  /** The provider had no room just now: a short pause, no matter how often. */
  refused(template: Template, reason: string, now: number): void;
  /** A node of the template became ready. */
  succeeded(template: Template): void;
  /** Why not to launch from the template now, and until when; null means go on. */
  pause(template: Template, now: number): { reason: string; until: number } | null;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
const REFUSED_PAUSE_MS = 2_000;

export function createBackoff(): Backoff {
  const pauses = new Map<string, { failures: number; reason: string; until: number }>();

  return {
    failed(template, reason, now) {
      const failures = (pauses.get(keyOf(template))?.failures ?? 0) + 1;
      const until = now + Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
      pauses.set(keyOf(template), { failures, reason, until });
    },
    refused(template, reason, now) {
      const failures = pauses.get(keyOf(template))?.failures ?? 0;
      pauses.set(keyOf(template), { failures, reason, until: now + REFUSED_PAUSE_MS });
    },
    succeeded(template) {
      pauses.delete(keyOf(template));
    },
    pause(template, now) {
      const pause = pauses.get(keyOf(template));
      return pause === undefined || pause.until <= now ? null : { reason: pause.reason, until: pause.until };
    },
  };
}

function keyOf(template: Template): string {
  return JSON.stringify([template.cloud, template.name]);
}
