import type { HeldNodes, NodeChannel } from '#controller/gateway';
import type { Secrets } from '#controller/secrets';
import { endOpenSessions, findHold, keysOfHold, newId } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { MAX_CHANNELS, type ChannelUse, type Pty } from '#shared/protocol';
import type { Access, Opening, Session, Watch } from './contract.ts';
import { detailOf } from './detail-of.ts';
import { isGood, whyShut } from './judge.ts';
import { startRecording, type Recording } from './recording.ts';
import { recordingFile } from './recordings.ts';
import { secretsOfHold } from './secrets-of-hold.ts';
import { noteSession } from './session-rows.ts';
import { beginSession, type SessionDeps } from './session.ts';
import { createWatches } from './watches.ts';

export interface AccessDeps extends SessionDeps {
  secrets: Pick<Secrets, 'resolve'>;
  heldNodes: Pick<HeldNodes, 'open'>;
  /** Whether what terminals show is recorded from now on. */
  isRecording(): boolean;
  /** Of recordings. */
  folder: string;
}

/** Sessions that a controller left open which died are ended. */
export async function createAccess(deps: AccessDeps): Promise<Access> {
  const { store, journal, clock, heldNodes, isRecording, folder } = deps;
  const watches = createWatches(deps);
  const pending = new Set<Promise<unknown>>();
  const sessions = new Map<string, number>();
  await endOpenSessions(store.db, clock.now());

  return {
    open: (opening, signal) => remember(open(opening, signal)),
    async doors(holdId) {
      const keys = await keysOfHold(store.db, holdId);
      const isShut = whyShut(await findHold(store.db, holdId), clock.now()) !== undefined;
      return isShut ? [] : keys.filter(isGood);
    },
    watch: async (holdId, who) => (await watches.begin(holdId, who)).watch,
    recording: (holdId, sessionId) => recordingFile(folder, holdId, sessionId),
    async settled() {
      while (pending.size > 0) await Promise.allSettled(pending);
      await watches.settled();
    },
  };

  async function open({ holdId, use, who, peer }: Opening, signal: AbortSignal): Promise<Session> {
    const { hold, watch } = await watches.begin(holdId, who);
    const count = (sessions.get(holdId) ?? 0) + 1;
    sessions.set(holdId, count);
    let channel: NodeChannel | undefined;
    let recording: Recording | null = null;
    try {
      if (count > MAX_CHANNELS) throw tooMany();
      const id = newId();
      const terminal = terminalOf(use);
      const isRecorded = terminal !== null && isRecording();
      const masked =
        isRecorded || use.kind === 'exec' ? await secretsOfHold(store.db, deps.secrets, hold) : [];
      channel = await heldNodes.open(hold.node_id, use, AbortSignal.any([signal, watch.cut]));
      const path = recordingFile(folder, holdId, id);
      if (isRecorded) recording = await startRecording({ path, pty: terminal, secrets: masked, clock });
      const detail = detailOf(use, masked);
      await journal.commit((tx) => noteSession(tx, hold, { id, kind: use.kind, who, peer, detail }));
      const { session, over } = beginSession(deps, { id, hold, channel, recording, watch });
      void remember(over.finally(() => leave(holdId, watch)));
      return session;
    } catch (error) {
      channel?.close();
      await recording?.end();
      // A node that goes with its hold is gone before anybody here has heard of that.
      if (!signal.aborted) await watch.look();
      leave(holdId, watch);
      throw watch.cut.aborted ? watch.cut.reason : error;
    }
  }

  function leave(holdId: string, watch: Watch): void {
    watch.end();
    const count = (sessions.get(holdId) ?? 1) - 1;
    if (count === 0) sessions.delete(holdId);
    else sessions.set(holdId, count);
  }

  function remember<T>(work: Promise<T>): Promise<T> {
    pending.add(work);
    const forget = (): unknown => pending.delete(work);
    work.then(forget, forget);
    return work;
  }
}

function terminalOf(use: ChannelUse): Pty | null {
  return 'pty' in use ? use.pty : null;
}

function tooMany(): FootmanError {
  return new FootmanError(
    'too-many-requests',
    `there are ${MAX_CHANNELS} sessions on this node, and no more may be`,
  );
}
