import { addAutohold, endAutohold } from '#controller/holds';
import { standingAutoholds } from '#controller/store';
import { callerOf, doerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { toRequest } from '../holds/request.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { Autohold, AutoholdList, AutoholdParams, AutoholdQuery, NewAutohold } from './schema.ts';
import { viewAutohold } from './view.ts';

export function autoholdRoutes({ store, journal, reloader }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/autoholds',
      summary: 'Lists the standing rules that hold the next failures, the oldest first.',
      role: 'read',
      query: AutoholdQuery,
      answer: AutoholdList,
      async handle({ query: { mine = false } }, response) {
        const { subject } = callerOf(response);
        const rules = await standingAutoholds(store.db);
        return { autoholds: rules.filter(({ owner }) => !mine || owner === subject).map(viewAutohold) };
      },
    }),

    jsonRoute({
      method: 'post',
      path: '/autoholds',
      summary: 'Has the next failures that match held.',
      role: 'develop',
      body: NewAutohold,
      answer: Autohold,
      status: 201,
      async handle({ body }, response) {
        const { project = null, pipeline = null, job = null, branch = null, count, stands = null } = body;
        const rule = { project, pipeline, job, branch, count, standsMs: stands, ...toRequest(body) };
        return viewAutohold(await addAutohold(journal, reloader.running().holds, rule, doerOf(response)));
      },
    }),

    jsonRoute({
      method: 'delete',
      path: '/autoholds/{autohold}',
      summary: 'Ends a rule; what it has held stays held.',
      role: 'develop',
      params: AutoholdParams,
      answer: Autohold,
      handle: async ({ params }, response) =>
        viewAutohold(await endAutohold(journal, params.autohold, doerOf(response))),
    }),
  ];
}
