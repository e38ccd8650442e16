import { audit } from '#controller/events';
import { promote } from '#controller/images';
import { listVersions } from '#controller/store';
import { callerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireVersion } from './find.ts';
import { ImageVersion, ImageVersionList, PromotionWish, VersionParams, VersionQuery } from './schema.ts';
import { summariseVersions, viewVersion } from './view.ts';

const MOST_VERSIONS = 1000;

/** Calls about single versions. */
export function versionRoutes({ store, journal, logger }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/images/versions',
      summary: `Lists versions of images by stream and cloud, the newest first; at most ${MOST_VERSIONS}.`,
      role: 'read',
      query: VersionQuery,
      answer: ImageVersionList,
      async handle({ query }) {
        const versions = await listVersions(store.db, { ...query, limit: MOST_VERSIONS });
        return { versions: await summariseVersions(store.db, versions) };
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/images/versions/{version}',
      summary: 'Shows a version with the nodes that are made from it.',
      role: 'read',
      params: VersionParams,
      answer: ImageVersion,
      handle: ({ params }) => show(params.version),
    }),

    jsonRoute({
      method: 'post',
      path: '/images/versions/{version}/promote',
      summary: 'Makes a verified version what nodes of its stream get from now on.',
      role: 'admin',
      params: VersionParams,
      body: PromotionWish,
      answer: ImageVersion,
      async handle({ params, body }, response) {
        const { id, name } = await requireVersion(store.db, params.version);
        const actor = callerOf(response).subject;
        await journal.commit(async (tx) => {
          await promote(tx, id, body.generation);
          await audit(tx, { actor, action: 'image.promoted', subject: name, data: {} });
        });
        logger.info({ version: name, actor }, 'a version was promoted by hand');
        return show(id);
      },
    }),
  ];

  async function show(idOrName: string): Promise<ImageVersion> {
    return viewVersion(store.db, await requireVersion(store.db, idOrName));
  }
}
