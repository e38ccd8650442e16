import type { HoldSettings } from '#controller/config';
import type { Tx } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { auditHold, endHold, giveNotice, recordHold, whyTooMany } from '#controller/holds';
import { findNode, liveHolds, patchHold, type Hold } from '#controller/store';
import { whyLastPlace } from './last-place.ts';

export const KEEPER = 'hold-keeper';

type Rules = Pick<HoldSettings, 'default' | 'maximum' | 'perUser' | 'perTemplate' | 'remindBefore'>;

/** Nobody has asked for this very machine: it would take a place from others without anybody having weighed that. */
const AUTOMATIC: ReadonlySet<Hold['origin']> = new Set(['pipeline', 'autohold', 'rerun']);

/** Gives the hold its time, which counts from its begin, or ends it where it is one too many. */
export async function admit(tx: Tx, hold: Hold, rules: Rules, fleet: Fleet): Promise<void> {
  const why = await whyNot(tx, hold, rules, fleet);
  if (why !== null) {
    await endHold(tx, hold.id, { state: 'released', outcome: `could not be kept: ${why}`, actor: KEEPER });
    return;
  }
  const { created_at: begin, wanted_ms: wanted } = hold;
  const expiresAt = begin + Math.min(wanted ?? rules.default, rules.maximum);
  const admitted = await patchHold(tx.db, hold.id, {
    admitted: 1,
    expires_at: expiresAt,
    latest_at: begin + rules.maximum,
    // Its owner hears of its end just now.
    reminded_for: expiresAt - tx.at <= rules.remindBefore ? expiresAt : null,
  });
  if (admitted === undefined) return;
  await recordHold(tx, admitted);
  const { origin, job_id: job } = hold;
  await auditHold(tx, admitted, 'hold.begun', hold.owner, { origin, job, expiresAt });
  await giveNotice(tx, admitted, 'held');
}

async function whyNot(tx: Tx, hold: Hold, rules: Rules, fleet: Fleet): Promise<string | null> {
  const others = (await liveHolds(tx.db)).filter(({ id }) => id !== hold.id);
  const why = whyTooMany(others, hold, rules);
  if (why !== null || !AUTOMATIC.has(hold.origin)) return why;
  const held = await Promise.all(
    [...others.filter(({ admitted }) => admitted === 1), hold].map(({ node_id: id }) => findNode(tx.db, id)),
  );
  return whyLastPlace(
    held.filter((node) => node !== undefined),
    hold,
    fleet,
  );
}
