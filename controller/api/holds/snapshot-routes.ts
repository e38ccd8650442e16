import { resumeHold, snapshotHold } from '#controller/resumes';
import { doerOf } from '../auth/authenticate.ts';
import { BuildSummary } from '../builds/schema.ts';
import { summarise } from '../builds/view.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireHold } from './find.ts';
import { toRequest } from './request.ts';
import { Hold, HoldParams, Resumption } from './schema.ts';
import { viewHold } from './view.ts';

export function snapshotRoutes(deps: ApiDeps): Route[] {
  const { store, reloader } = deps;
  const settings = () => reloader.running().holds;
  return [
    jsonRoute({
      method: 'post',
      path: '/holds/{hold}/snapshot',
      summary:
        'Has a held machine captured as an image, which ends the hold when it has succeeded; `snapshot` says how it goes on.',
      role: 'develop',
      params: HoldParams,
      answer: Hold,
      async handle({ params }, response) {
        await snapshotHold(deps, params.hold, doerOf(response));
        return viewHold(store.db, await requireHold(store.db, params.hold), deps);
      },
    }),

    jsonRoute({
      method: 'post',
      path: '/holds/{hold}/resume',
      summary:
        'Starts a captured machine again, as the node of a build of its own, which the caller then holds.',
      role: 'develop',
      params: HoldParams,
      body: Resumption,
      answer: BuildSummary,
      status: 201,
      handle: async ({ params, body }, response) =>
        summarise(await resumeHold({ ...deps, settings }, params.hold, toRequest(body), doerOf(response))),
    }),
  ];
}
