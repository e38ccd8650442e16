import { extendHold, releaseHold, requestHold } from '#controller/holds';
import { doerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireJob } from '../jobs/find.ts';
import { Job } from '../jobs/schema.ts';
import { viewJob } from '../jobs/view.ts';
import { requireHold } from './find.ts';
import { toRequest } from './request.ts';
import { Extension, Hold, HoldParams, NewHold } from './schema.ts';
import { viewHold } from './view.ts';

export function changeRoutes(deps: ApiDeps): Route[] {
  const { store, journal, reloader } = deps;
  return [
    jsonRoute({
      method: 'post',
      path: '/holds',
      summary: 'Has the node of a job held when the job ends, however it does. Asked again, it says so anew.',
      role: 'develop',
      body: NewHold,
      answer: Job,
      status: 201,
      async handle({ body: { job, ...wish } }, response) {
        const request = { jobId: job, ...toRequest(wish) };
        await requestHold(journal, reloader.running().holds, request, doerOf(response));
        return viewJob(store.db, await requireJob(store.db, job));
      },
    }),

    jsonRoute({
      method: 'post',
      path: '/holds/{hold}/extension',
      summary: 'Has a node held for so long from now on; never for less than it would be.',
      role: 'develop',
      params: HoldParams,
      body: Extension,
      answer: Hold,
      async handle({ params, body }, response) {
        await extendHold(journal, params.hold, body.for, doerOf(response));
        return show(params.hold);
      },
    }),

    jsonRoute({
      method: 'delete',
      path: '/holds/{hold}',
      summary: 'Gives a held node back: whoever is on it is cut off, and it is removed.',
      role: 'develop',
      params: HoldParams,
      answer: Hold,
      async handle({ params }, response) {
        await releaseHold(journal, params.hold, doerOf(response));
        return show(params.hold);
      },
    }),
  ];

  async function show(id: string): Promise<Hold> {
    return viewHold(store.db, await requireHold(store.db, id), deps);
  }
}
