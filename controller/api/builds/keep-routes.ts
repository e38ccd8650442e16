import { deleteBuildNow, pinBuild, unpinBuild } from '#controller/retention';
import { callerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireBuild } from './find.ts';
import { BuildParams, BuildSummary, DeletedBuild, NewPin } from './schema.ts';
import { summarise } from './view.ts';

/** Calls about builds that stay, and builds that go. */
export function keepRoutes({ store, journal, logger }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'put',
      path: '/builds/{build}/pin',
      summary: 'Has a build stay, with all that it left, until somebody unpins it.',
      role: 'develop',
      params: BuildParams,
      body: NewPin,
      answer: BuildSummary,
      async handle({ params, body }, response) {
        const { id } = await requireBuild(store.db, params.build);
        const pin = { actor: callerOf(response).subject, reason: body.reason ?? null };
        return summarise(await pinBuild(journal, id, pin));
      },
    }),

    jsonRoute({
      method: 'delete',
      path: '/builds/{build}/pin',
      summary: 'Has a build go again when its time is up.',
      role: 'develop',
      params: BuildParams,
      answer: BuildSummary,
      async handle({ params }, response) {
        const { id } = await requireBuild(store.db, params.build);
        return summarise(await unpinBuild(journal, id, callerOf(response).subject));
      },
    }),

    jsonRoute({
      method: 'delete',
      path: '/builds/{build}',
      summary:
        'Removes a build that has ended, with all that it left. Nobody finds it from then on; its objects go soon after.',
      role: 'admin',
      params: BuildParams,
      answer: DeletedBuild,
      async handle({ params }, response) {
        const { id, number } = await requireBuild(store.db, params.build);
        const actor = callerOf(response).subject;
        await deleteBuildNow(journal, id, actor);
        logger.info({ build: id, number, actor }, 'a build was deleted by hand');
        return { id, number };
      },
    }),
  ];
}
