import type { Tx } from '#controller/events';
import { ownerOf } from '#controller/holds';
import { findBuild, stepsOfJob, type HoldWish, type Job, type Step } from '#controller/store';

/** Phases that come after a failure. */
const PHASES: ReadonlySet<Step['phase']> = new Set(['always', 'failure']);

/**
 * What a hold among the job's post steps asks for that nobody came to: its agent was lost, or would not end a step. Without its own reason,
 * which may be a template; one with a condition is left alone.
 */
export async function unreachedHold(tx: Tx, { id, build_id: buildId }: Job): Promise<HoldWish | undefined> {
  const steps = await stepsOfJob(tx.db, id);
  for (const { spec, state, phase } of steps) {
    if (spec.kind !== 'hold' || state !== 'pending' || !PHASES.has(phase) || spec.conditions.length > 0)
      continue;
    const build = await findBuild(tx.db, buildId);
    // Strangers hold no nodes.
    if (build?.trust !== 'trusted') return undefined;
    const { forMs = null, keys } = spec.hold;
    return { on: 'failure', origin: 'pipeline', owner: ownerOf(build), reason: null, forMs, keys };
  }
  return undefined;
}
