import { audit } from '#controller/events';
import { dropPointer, rollBack } from '#controller/images';
import type { StreamId } from '#controller/store';
import { callerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requirePrepared, requireStreams } from './find.ts';
import { ImageStreamList, Invalidation, RollBackWish, StreamQuery } from './schema.ts';
import { viewStreams } from './view.ts';

/** Calls about streams and their pointers. */
export function streamRoutes({ store, journal, clock, logger }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/images',
      summary: 'Lists image streams, each with what nodes get of it in one cloud.',
      role: 'read',
      query: StreamQuery,
      answer: ImageStreamList,
      handle: async ({ query }) => ({
        streams: await viewStreams(
          store.db,
          clock.now(),
          ({ kind }) => query.kind === undefined || kind === query.kind,
        ),
      }),
    }),

    jsonRoute({
      method: 'post',
      path: '/images/streams/rollback',
      summary:
        'Makes the previous version current again, in one cloud, or in all clouds of the stream at once.',
      role: 'admin',
      body: RollBackWish,
      answer: ImageStreamList,
      async handle({ body }, response) {
        const actor = callerOf(response).subject;
        const moved = await journal.commit(async (tx) => {
          const streams = await requireStreams(tx.db, body);
          for (const { name, cloud } of streams) {
            await rollBack(tx, { name, cloud }, { bad: null });
            await audit(tx, { actor, action: 'image.rolled-back', subject: name, data: { cloud } });
          }
          return streams;
        });
        for (const { name, cloud } of moved)
          logger.info({ stream: name, cloud, actor }, 'an image stream was rolled back by hand');
        return answer(moved);
      },
    }),

    jsonRoute({
      method: 'post',
      path: '/images/invalidate',
      summary: 'Has a prepared image made anew: no job starts from what there is of it any more.',
      role: 'admin',
      body: Invalidation,
      answer: ImageStreamList,
      async handle({ body }, response) {
        const dropped = (await requirePrepared(store.db, body.key)).filter(({ current }) => current !== null);
        const actor = callerOf(response).subject;
        for (const { name, cloud, title } of dropped)
          await journal.commit(async (tx) => {
            await dropPointer(tx, { name, cloud });
            await audit(tx, { actor, action: 'image.invalidated', subject: name, data: { cloud, title } });
          });
        for (const { name, cloud, title } of dropped)
          logger.info({ stream: name, cloud, title, actor }, 'a prepared image was invalidated by hand');
        return answer(dropped);
      },
    }),
  ];

  async function answer(streams: readonly StreamId[]): Promise<ImageStreamList> {
    const isOne = ({ name, cloud }: StreamId) =>
      streams.some((stream) => stream.name === name && stream.cloud === cloud);
    return { streams: await viewStreams(store.db, clock.now(), isOne) };
  }
}
