import type { Journal } from '#controller/events';
import {
  awaitedStreams,
  deleteStream,
  findBuild,
  liveVersions,
  listStreams,
  lockStream,
  type Db,
  type ImageStream,
  type Store,
  type StreamId,
} from '#controller/store';

/**
 * Streams of prepared images and of held machines that are empty go: there is one for each state of a recipe, and for each machine, that ever
 * was. One that a job waits for stays, and so does one whose next version is being made.
 */
export async function clearEmpty({ store, journal }: { store: Store; journal: Journal }): Promise<void> {
  const empty = (await listStreams(store.db)).filter(isEmpty);
  if (empty.length === 0) return;
  const full = new Set(
    (await liveVersions(store.db)).map(({ stream: name, cloud }) => keyOf({ name, cloud })),
  );
  for (const stream of empty.filter((each) => !full.has(keyOf(each)))) {
    await journal.commit(async (tx) => {
      const locked = await lockStream(tx.db, stream);
      if (locked === undefined || !isEmpty(locked) || (await isWanted(tx.db, locked))) return;
      await deleteStream(tx.db, stream);
    });
  }
}

function isEmpty({ kind, current }: ImageStream): boolean {
  return kind !== 'named' && current === null;
}

async function isWanted(db: Db, stream: ImageStream): Promise<boolean> {
  const build = stream.build_id === null ? undefined : await findBuild(db, stream.build_id);
  if (build !== undefined && build.state !== 'finished') return true;
  return (await awaitedStreams(db)).some((awaited) => keyOf(awaited) === keyOf(stream));
}

function keyOf({ name, cloud }: StreamId): string {
  return JSON.stringify([name, cloud]);
}
