import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import { findHold, keysOfHold, type Hold, type Store } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Visitor, Watch } from './contract.ts';
import { judgement, type Judgement } from './judge.ts';

/** Eyes on holds: each looks when its hold changes, when the time is up, and now and then, for a change that nobody told of. */
export interface Watches {
  /** @throws FootmanError where they may not come in */
  begin(holdId: string, who: Visitor): Promise<{ hold: Hold; watch: Watch }>;
  /** Resolves when no eye is looking. */
  settled(): Promise<void>;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
}

const LOOK_AGAIN_MS = 60_000;

export function createWatches({ store, journal, clock, logger }: Deps): Watches {
  const looks = new Set<Promise<unknown>>();

  return {
    begin,
    async settled() {
      while (looks.size > 0) await Promise.all(looks);
    },
  };

  async function begin(holdId: string, who: Visitor): Promise<{ hold: Hold; watch: Watch }> {
    const controller = new AbortController();
    let until = clock.now();
    let callOff: (() => void) | undefined;
    let isOver = false;
    // Before the first look: nothing that happens after it is missed.
    const unsubscribe = journal.subscribe((changes) => {
      if (changes.some(({ kind, data }) => kind === 'hold' && data.id === holdId)) void look();
    });
    try {
      const { hold, refused } = await judge();
      if (refused !== undefined) throw refused;
      return { hold, watch: { cut: controller.signal, look, end } };
    } catch (error) {
      end();
      throw error;
    }

    async function judge(): Promise<Judgement> {
      const found = await findHold(store.db, holdId);
      const keys = who.fingerprint === null ? [] : await keysOfHold(store.db, holdId);
      const judged = judgement(found, keys, who, clock.now());
      if (judged.refused !== undefined) return judged;
      until = judged.hold.expires_at ?? until;
      arm();
      return judged;
    }

    function look(): Promise<void> {
      const looking = judge().then(
        ({ refused }) => {
          if (refused !== undefined) cut(refused);
        },
        (error: unknown) => {
          logger.warn({ err: error, hold: holdId }, 'a hold that somebody uses could not be looked at');
          // What the store said last still holds.
          if (clock.now() >= until) cut(new FootmanError('conflict', 'the hold has expired'));
          else arm();
        },
      );
      looks.add(looking);
      void looking.finally(() => looks.delete(looking));
      return looking;
    }

    function arm(): void {
      callOff?.();
      if (!isOver)
        callOff = clock.after(Math.max(0, Math.min(until - clock.now(), LOOK_AGAIN_MS)), () => void look());
    }

    function cut(error: FootmanError): void {
      end();
      controller.abort(error);
    }

    function end(): void {
      isOver = true;
      unsubscribe();
      callOff?.();
    }
  }
}
