import { cancelJob } from '#controller/builds';
import { findJob } from '#controller/store';
import { callerOf } from '../auth/authenticate.ts';
import { Cancellation } from '../builds/schema.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireJob } from './find.ts';
import { listRoute } from './list-route.ts';
import { Job, JobParams } from './schema.ts';
import { viewJob } from './view.ts';
import { Waiting, WaitingQuery } from './waiting/schema.ts';
import { createTimes } from './waiting/times.ts';
import { viewWaiting } from './waiting/view.ts';

export function jobRoutes(deps: ApiDeps): Route[] {
  const { store, journal, clock } = deps;

  return [
    listRoute(store.db),

    jsonRoute({
      method: 'get',
      path: '/jobs/{job}',
      summary: 'Shows a job with its steps and artifacts.',
      role: 'read',
      params: JobParams,
      answer: Job,
      handle: async ({ params }) => viewJob(store.db, await requireJob(store.db, params.job)),
    }),

    jsonRoute({
      method: 'get',
      path: '/jobs/{job}/waiting',
      summary: 'Says why a job does not run yet, and when it may.',
      role: 'read',
      params: JobParams,
      query: WaitingQuery,
      answer: Waiting,
      async handle({ params, query }) {
        const job = await requireJob(store.db, params.job);
        const times = createTimes(clock.now(), query.timeZone);
        return viewWaiting(job, { ...deps, db: store.db, times });
      },
    }),

    jsonRoute({
      method: 'post',
      path: '/jobs/{job}/cancel',
      summary: 'Asks one job to stop, or ends it at once.',
      role: 'develop',
      params: JobParams,
      body: Cancellation,
      answer: Job,
      async handle({ params, body }, response) {
        const { id } = await requireJob(store.db, params.job);
        const reason = body.reason ?? `cancelled by ${callerOf(response).subject}`;
        await journal.commit(async (tx) => {
          const job = await findJob(tx.db, id);
          if (job !== undefined) await cancelJob(tx, job, { reason, force: body.force });
        });
        return viewJob(store.db, await requireJob(store.db, id));
      },
    }),
  ];
}
