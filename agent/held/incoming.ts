import { CHANNEL_WINDOW_BYTES } from '#shared/protocol';

/** What comes over a channel, until its use takes it. */
export interface Incoming {
  /** @throws Error if it is more than was credited, or comes after the end */
  receive(bytes: Uint8Array): void;
  /** No more will come. */
  end(): void;
  /** The use wants some, now or as soon as there is some: `push` is called once, with null at the end. */
  wanted(): void;
}

interface Deps {
  push(bytes: Uint8Array | null): void;
  /** So many bytes more may come. */
  credit(bytes: number): void;
}

/** Credits smaller than this wait for more: the other side has most of its window then. */
const WORTH_CREDITING_BYTES = CHANNEL_WINDOW_BYTES / 4;

export function createIncoming({ push, credit }: Deps): Incoming {
  const waiting: Uint8Array[] = [];
  let isWanted = false;
  let hasEnded = false;
  /** Received, and not credited yet. */
  let owed = 0;
  /** Of these, taken by the use. */
  let taken = 0;

  return {
    receive(bytes) {
      if (hasEnded) throw new Error('bytes came after the end');
      owed += bytes.length;
      if (owed > CHANNEL_WINDOW_BYTES) throw new Error('more bytes came than were credited');
      waiting.push(bytes);
      handOver();
    },
    end() {
      hasEnded = true;
      handOver();
    },
    wanted() {
      isWanted = true;
      handOver();
    },
  };

  function handOver(): void {
    if (!isWanted || (waiting.length === 0 && !hasEnded)) return;
    isWanted = false;
    const bytes = waiting.shift();
    if (bytes !== undefined) account(bytes.length);
    push(bytes ?? null);
  }

  function account(bytes: number): void {
    taken += bytes;
    if (taken < WORTH_CREDITING_BYTES) return;
    credit(taken);
    owed -= taken;
    taken = 0;
  }
}
