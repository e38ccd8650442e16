import { clockSleep, type Clock } from '#controller/clock';
import type { HoldSettings } from '#controller/config';
import type { Logger } from '#controller/logger';
import { limited } from '#controller/nodes';
import { openNotices, patchNotice, type HoldNotice, type Store } from '#controller/store';
import { messageOf } from '#shared/errors';
import { postNotice } from './post-notice.ts';

type Webhook = NonNullable<HoldSettings['webhook']>;

/** Tells one notice; throws where it was not taken. */
export type Send = (webhook: Webhook, notice: HoldNotice, signal: AbortSignal) => Promise<void>;

/** Tells whom the configuration names what became of holds: those of one hold in their order, and none waits for another hold's. */
export interface Notices {
  /** Begins to tell what is to be told. */
  run(): Promise<void>;
  /** Resolves when nobody is being told anything. */
  settled(): Promise<void>;
}

interface Deps {
  store: Store;
  clock: Clock;
  logger: Logger;
  webhook(): Webhook | null;
  signal: AbortSignal;
  send?: Send;
}

const LIMIT_MS = 10_000;
const FIRST_RETRY_MS = 5000;
const LAST_RETRY_MS = 5 * 60_000;
/** What nobody took for so long is of no use any more. */
const GIVEN_UP_MS = 3_600_000;

export function createNotices({ store, clock, logger, webhook, signal, send = postNotice }: Deps): Notices {
  /** By the id of the hold. */
  const lanes = new Map<string, Promise<void>>();
  /** Those that may have more to tell than their lanes have seen. */
  const again = new Set<string>();

  return {
    async run() {
      const open = Map.groupBy(await openNotices(store.db), ({ hold_id: id }) => id);
      for (const id of open.keys()) begin(id);
    },
    async settled() {
      while (lanes.size > 0) await Promise.all(lanes.values());
    },
  };

  function begin(holdId: string): void {
    if (lanes.has(holdId)) again.add(holdId);
    if (lanes.has(holdId) || signal.aborted) return;
    const lane = follow(holdId)
      .catch((error: unknown) => {
        if (!signal.aborted)
          logger.error({ err: error, hold: holdId }, 'what became of a notice could not be stored');
      })
      .finally(() => {
        lanes.delete(holdId);
        if (again.delete(holdId)) begin(holdId);
      });
    lanes.set(holdId, lane);
  }

  async function follow(holdId: string): Promise<void> {
    for (;;) {
      const open = (await openNotices(store.db)).filter(({ hold_id: id }) => id === holdId);
      const [first] = open.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      if (first === undefined || signal.aborted) return;
      const { due_at: due } = first;
      if (due !== null && due > clock.now()) await clockSleep(clock, due - clock.now(), signal);
      else await tell(first);
    }
  }

  async function tell(notice: HoldNotice): Promise<void> {
    const target = webhook();
    if (target === null) {
      await patchNotice(store.db, notice.id, { due_at: null, problem: 'nobody is to be told' });
      return;
    }
    const attempts = notice.attempts + 1;
    try {
      await limited(clock, LIMIT_MS, signal, (bounded) => send(target, notice, bounded));
      await patchNotice(store.db, notice.id, { attempts, due_at: null, problem: null });
    } catch (error) {
      if (signal.aborted) return;
      await putOff(notice, attempts, messageOf(error));
    }
  }

  async function putOff(
    { id, hold_id: hold, created_at: created }: HoldNotice,
    attempts: number,
    problem: string,
  ) {
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS);
    const due = clock.now() + retryMs;
    const isOver = due > created + GIVEN_UP_MS;
    const details = { hold, attempts, problem };
    if (isOver) logger.warn(details, 'a notice about a hold was not taken, and is given up');
    else logger.warn({ ...details, retryMs }, 'a notice about a hold was not taken; it is sent again');
    await patchNotice(store.db, id, { attempts, due_at: isOver ? null : due, problem });
  }
}
