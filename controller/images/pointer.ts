import type { Tx } from '#controller/events';
import {
  findVersion,
  lockStream,
  swapPointer,
  type ImageStream,
  type ImageVersion,
  type StreamId,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { markBad } from './bad.ts';

/** Whether the version came before the one that is current: it is promoted by people alone. */
export async function isOlder(tx: Tx, version: ImageVersion, { current }: ImageStream): Promise<boolean> {
  const now = current === null ? undefined : await findVersion(tx.db, current);
  return now !== undefined && now.number > version.number;
}

/**
 * Makes the version its stream's current one: from here on nodes get it (I5). Idempotent. The version was verified, and is not bad.
 *
 * @throws FootmanError `conflict` when somebody else has moved the pointer since `generation`, or the version is no version to promote
 */
export async function promote(tx: Tx, id: string, generation?: number): Promise<ImageStream> {
  const version = await findVersion(tx.db, id);
  if (version === undefined) throw new FootmanError('not-found', `there is no image version ${id}`);
  const stream = await lockedStream(tx, { name: version.stream, cloud: version.cloud });
  // Read anew behind the lock: retention may have been first.
  const still = await findVersion(tx.db, id);
  const why = whyNot(still ?? version);
  if (stream.kind === 'held')
    throw new FootmanError('conflict', `${version.name} is a machine that was held: no template gets it`, {
      hint: 'footman hold resume starts it again, footman image export takes it elsewhere',
    });
  if (why !== null) throw new FootmanError('conflict', `${version.name} can't be promoted: ${why}`);
  if (stream.current === id) return stream;
  return move(tx, stream, generation ?? stream.generation, { current: id, previous: stream.current });
}

/**
 * Makes the previous version current again. With `bad`, the one that was current is never promoted again.
 *
 * @throws FootmanError `conflict` where there is no previous version that is good
 */
export async function rollBack(
  tx: Tx,
  id: StreamId,
  { bad }: { bad: string | null },
): Promise<{ stream: ImageStream; from: string; to: string }> {
  const stream = await lockedStream(tx, id);
  const { current, previous } = stream;
  const before = previous === null ? undefined : await findVersion(tx.db, previous);
  if (current === null || before === undefined || whyNot(before) !== null)
    throw new FootmanError(
      'conflict',
      `stream ${id.name} in ${id.cloud} has no earlier version that is good`,
      {
        hint: `footman image ls ${id.name} shows what there is`,
      },
    );
  if (bad !== null) await markBad(tx, current, bad);
  // What was bad is not what anybody wants to roll back to.
  const moved = await move(tx, stream, stream.generation, {
    current: before.id,
    previous: bad === null ? current : null,
  });
  return { stream: moved, from: current, to: before.id };
}

/** Takes the pointer away from a stream of prepared images: the next job makes a new one. Named streams always keep theirs. */
export async function dropPointer(tx: Tx, id: StreamId): Promise<ImageStream | undefined> {
  const stream = await lockStream(tx.db, id);
  if (stream?.kind !== 'prepared' || stream.current === null) return stream;
  return move(tx, stream, stream.generation, { current: null, previous: null });
}

async function move(
  tx: Tx,
  { name, cloud }: ImageStream,
  generation: number,
  to: Pick<ImageStream, 'current' | 'previous'>,
): Promise<ImageStream> {
  const promotedAt = to.current === null ? null : tx.at;
  const moved = await swapPointer(tx.db, { name, cloud }, generation, { ...to, promoted_at: promotedAt });
  if (moved === undefined)
    throw new FootmanError('conflict', `somebody else has promoted another version of ${name} in ${cloud}`, {
      hint: 'look at the stream and decide again',
    });
  const { current, previous } = to;
  const state = current === null ? 'dropped' : 'promoted';
  await tx.record({
    kind: 'image',
    data: {
      id: current ?? name,
      state,
      stream: name,
      cloud,
      current,
      previous,
      generation: moved.generation,
    },
  });
  return moved;
}

async function lockedStream(tx: Tx, id: StreamId): Promise<ImageStream> {
  const stream = await lockStream(tx.db, id);
  if (stream === undefined)
    throw new FootmanError('not-found', `there is no image stream ${id.name} in cloud ${id.cloud}`);
  return stream;
}

/** Why the version can't be current, to follow "because", or null. */
function whyNot({ state, bad, trust, reason }: ImageVersion): string | null {
  if (bad !== 0) return `it is bad: ${reason ?? 'its nodes did not come up'}`;
  if (trust !== 'trusted') return 'it was made by a build from a fork';
  if (state !== 'ready') return `it is ${state}, and only a version that was verified can be`;
  return null;
}
