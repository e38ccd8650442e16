import type { Build, JobOutline } from '#controller/store';
import type { Status } from '#shared/expressions';
import { isFailed, isFine } from './result.ts';

/**
 * How things stand for the `if` of a job whose needs have ended. `success` takes all of its own needs; a failure counts however far up it
 * happened, so that `failure()` also holds behind a job that was skipped because of it. A job that was skipped by its own `if` is no
 * failure, and what needs it is skipped too unless its `if` says otherwise.
 */
export function statusFor(needs: readonly string[], build: Build, jobs: readonly JobOutline[]): Status {
  if (build.cancel_requested_at !== null) return 'cancelled';
  const byBase = Map.groupBy(jobs, ({ base }) => base);
  const direct = needs.flatMap((base) => byBase.get(base) ?? []);
  if (direct.every(isFine)) return 'success';
  const above = ancestors(needs, byBase);
  if (above.some(isFailed)) return 'failure';
  return above.some(({ result }) => result === 'cancelled') ? 'cancelled' : 'skipped';
}

function ancestors(needs: readonly string[], byBase: ReadonlyMap<string, JobOutline[]>): JobOutline[] {
  const found = new Set<string>();
  const open = [...needs];
  for (let base = open.pop(); base !== undefined; base = open.pop()) {
    if (found.has(base)) continue;
    found.add(base);
    open.push(...(byBase.get(base)?.[0]?.needs ?? []));
  }
  return [...found].flatMap((base) => byBase.get(base) ?? []);
}
