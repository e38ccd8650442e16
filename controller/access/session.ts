import { once } from 'node:events';
import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { NodeChannel, ProcessEnd } from '#controller/gateway';
import type { Logger } from '#controller/logger';
import { endSession, patchHold, type Hold, type Store } from '#controller/store';
import { FootmanError, messageOf } from '#shared/errors';
import type { Session, Watch } from './contract.ts';
import type { Recording } from './recording.ts';
import { tapped } from './tapped.ts';

export interface SessionDeps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
}

interface Beginning {
  id: string;
  hold: Hold;
  channel: NodeChannel;
  recording: Recording | null;
  watch: Watch;
}

/** How often it is noted that somebody uses a node. */
const NOTE_USE_MS = 60_000;

/** A channel under guard: `over` resolves when it has ended and the store knows. */
export function beginSession(
  { store, clock, logger }: SessionDeps,
  { id, hold, channel, recording, watch }: Beginning,
): { session: Session; over: Promise<void> } {
  const unrecorded = new AbortController();
  const cut = AbortSignal.any([watch.cut, unrecorded.signal]);
  let notedAt = clock.now();
  const stream = tapped(channel.stream, {
    async read(bytes) {
      noteUse();
      if (recording !== null) await recording.shown(bytes).catch(endUnrecorded);
    },
    written: noteUse,
  });
  cut.addEventListener('abort', close, { once: true });
  if (cut.aborted) close();
  const session: Session = {
    id,
    cut,
    channel: {
      stream,
      stderr: channel.stderr,
      ended: endOf(channel, watch),
      resize(columns, rows) {
        recording?.resized(columns, rows);
        channel.resize(columns, rows);
      },
      signal: (name) => channel.signal(name),
      close,
    },
  };
  return { session, over: finish() };

  function close(): void {
    channel.close();
    stream.destroy();
  }

  function noteUse(): void {
    const at = clock.now();
    if (at - notedAt < NOTE_USE_MS) return;
    notedAt = at;
    patchHold(store.db, hold.id, { used_at: at }).catch((error: unknown) =>
      logger.warn({ err: error, hold: hold.id }, 'it was not noted that somebody uses a held node'),
    );
  }

  function endUnrecorded(error: unknown): void {
    const sentence = `what this terminal shows can't be recorded: ${messageOf(error)}`;
    unrecorded.abort(new FootmanError('internal', sentence, { cause: error }));
  }

  async function finish(): Promise<void> {
    // What the node has said may still be on its way to whoever reads it, and into the recording.
    await Promise.all([channel.ended, stream.closed || once(stream, 'close')]);
    cut.removeEventListener('abort', close);
    try {
      const recorded = (await recording?.end()) ?? null;
      await endSession(store.db, id, { ended_at: clock.now(), recorded });
    } catch (error) {
      logger.warn({ err: error, hold: hold.id, session: id }, 'the end of a session was not noted');
    }
  }
}

/** A node that goes with its hold cuts its channels before anybody here has heard of that. */
async function endOf({ ended }: NodeChannel, watch: Watch): Promise<ProcessEnd | null> {
  const end = await ended;
  if (end === null) await watch.look();
  return end;
}
