import { audit } from '#controller/events';
import { planRemovals, retireVersion, type Removal } from '#controller/images';
import { callerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireVersion } from './find.ts';
import { ImageRemovals, ImageVersion, VersionParams } from './schema.ts';
import { viewVersion } from './view.ts';

/** Calls about versions that go. */
export function removalRoutes({ store, journal, clock, reloader, logger }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'delete',
      path: '/images/versions/{version}',
      summary: 'Removes a version; never a current or previous one, nor one that is in use.',
      role: 'admin',
      params: VersionParams,
      answer: ImageVersion,
      async handle({ params }, response) {
        const { id, name } = await requireVersion(store.db, params.version);
        const actor = callerOf(response).subject;
        await journal.commit(async (tx) => {
          await retireVersion(tx, id, `removed by ${actor}`);
          await audit(tx, { actor, action: 'image.removed', subject: name, data: {} });
        });
        logger.info({ version: name, actor }, 'a version was removed by hand');
        return viewVersion(store.db, await requireVersion(store.db, id));
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/images/prune',
      summary: 'Lists the versions that are kept for nobody, which go by themselves.',
      role: 'read',
      answer: ImageRemovals,
      handle: async () => viewRemovals(await plan()),
    }),

    jsonRoute({
      method: 'post',
      path: '/images/prune',
      summary: 'Has the versions that are kept for nobody go at once, and answers with them.',
      role: 'admin',
      answer: ImageRemovals,
      async handle(_call, response) {
        const removals = await plan();
        const actor = callerOf(response).subject;
        // What removes them looks again at every event of images.
        await journal.commit((tx) =>
          tx.record({ kind: 'image', data: { id: 'all', state: 'pruned', actor } }),
        );
        return viewRemovals(removals);
      },
    }),
  ];

  function plan(): Promise<Removal[]> {
    const { images, holds } = reloader.running();
    const settings = { preparedBytes: images.preparedDisk, heldMs: holds.keepSnapshots };
    return planRemovals(store.db, clock.now(), settings);
  }
}

function viewRemovals(removals: readonly Removal[]): ImageRemovals {
  return {
    versions: removals.map(({ version: { id, name, stream, cloud, state, bytes }, reason }) => ({
      id,
      name,
      stream,
      cloud,
      state,
      bytes,
      reason,
    })),
    bytes: removals.reduce((sum, { version }) => sum + (version.bytes ?? 0), 0),
  };
}
