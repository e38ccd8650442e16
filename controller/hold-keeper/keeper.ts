import type { Clock } from '#controller/clock';
import type { HoldSettings } from '#controller/config';
import type { Change, Journal, Tx } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { endHold, giveNotice, recordHold } from '#controller/holds';
import { isHeldMachine } from '#controller/images';
import type { Logger } from '#controller/logger';
import { findVersion, liveHolds, lockHold, patchHold, type Hold, type Store } from '#controller/store';
import { admit, KEEPER } from './admit.ts';
import { endOldRules } from './end-old-rules.ts';
import { nextStep } from './next-step.ts';
import { createNotices, type Send } from './notices.ts';

/** Admits holds, reminds of their ends, extends those that are used, and ends those whose time is up. */
export interface HoldKeeper {
  /** One pass. Returns when the next step is due. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Resolves when nobody is being told anything. */
  settled(): Promise<void>;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  fleet: Fleet;
  /** Those that hold now. */
  settings(): HoldSettings;
  /** Aborted when the controller stops: its next life goes on telling. */
  signal: AbortSignal;
  send?: Send;
}

/** It reads what holds, what stands and what is to be told: as much as there is now, however much there was. */
export function createHoldKeeper(deps: Deps): HoldKeeper {
  const { store, journal, clock, fleet, settings } = deps;
  const notices = createNotices({ ...deps, webhook: () => settings().webhook });

  return {
    async run() {
      const due: number[] = [];
      const problems: unknown[] = [];
      for (const { id } of await liveHolds(store.db))
        await follow(id).then(
          (at) => at !== null && due.push(at),
          (error: unknown) => problems.push(error),
        );
      const rules = await endOldRules(journal, store.db, clock.now());
      if (rules !== null) due.push(rules);
      await notices.run();
      // The others have had their turn.
      if (problems.length > 0) throw problems[0];
      return due.length === 0 ? null : Math.min(...due);
    },
    concerns: (changes) =>
      changes.some(
        ({ kind, data }) =>
          kind === 'hold' ||
          kind === 'autohold' ||
          kind === 'configuration' ||
          (kind === 'image' && isHeldMachine({ stream: String(data['stream']) })),
      ),
    settled: () => notices.settled(),
  };

  /** Takes all steps that are due for the hold. Returns when the next one is; null where only an event can say. */
  async function follow(id: string): Promise<number | null> {
    for (;;) {
      const known = await journal.commit((tx) => takeStep(tx, id));
      if (known !== 'again') return known;
    }
  }

  async function takeStep(tx: Tx, id: string): Promise<number | null | 'again'> {
    const hold = await lockHold(tx.db, id);
    if (hold?.state !== 'held') return null;
    const step = nextStep(hold, settings(), tx.at);
    if (step.kind === 'wait') return step.until;
    if (step.kind === 'admit') await admit(tx, hold, settings(), fleet);
    else if (step.kind === 'extend') await change(tx, hold, { expires_at: step.until }, {});
    else if (step.kind === 'remind') await remind(tx, hold);
    else if (await isBeingCaptured(tx, hold)) return null;
    else await endHold(tx, id, { state: 'expired', outcome: 'expired', actor: KEEPER });
    return 'again';
  }
}

async function remind(tx: Tx, hold: Hold): Promise<void> {
  const reminded = await change(tx, hold, { reminded_for: hold.expires_at }, { reminder: true });
  if (reminded !== undefined) await giveNotice(tx, reminded, 'reminder');
}

/** Its machine is wanted, and its access has ended: it goes with the end of the capture, which has a limit of its own. */
async function isBeingCaptured(tx: Tx, { version_id: versionId }: Hold): Promise<boolean> {
  const version = versionId === null ? undefined : await findVersion(tx.db, versionId);
  return version?.state === 'capturing';
}

async function change(
  tx: Tx,
  { id }: Hold,
  patch: Partial<Pick<Hold, 'expires_at' | 'reminded_for'>>,
  more: Record<string, unknown>,
): Promise<Hold | undefined> {
  const changed = await patchHold(tx.db, id, patch);
  if (changed !== undefined) await recordHold(tx, changed, more);
  return changed;
}
