import { listedHolds } from '#controller/store';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireHold } from './find.ts';
import { Hold, HoldKeyList, HoldList, HoldParams, HoldQuery } from './schema.ts';
import { viewHold, viewHolds } from './view.ts';

const MOST_HOLDS = 200;

export function readRoutes(deps: ApiDeps): Route[] {
  const { store } = deps;
  return [
    jsonRoute({
      method: 'get',
      path: '/holds',
      summary: 'Lists held nodes, the newest first.',
      role: 'read',
      query: HoldQuery,
      answer: HoldList,
      async handle({ query: { state, owner, job } }) {
        const filter = { owner, jobId: job, isLive: state === 'live', limit: MOST_HOLDS };
        return { holds: await viewHolds(store.db, await listedHolds(store.db, filter), deps) };
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/holds/{hold}',
      summary: 'Shows a held node, with the ways in.',
      role: 'read',
      params: HoldParams,
      answer: Hold,
      handle: async ({ params }) => viewHold(store.db, await requireHold(store.db, params.hold), deps),
    }),

    jsonRoute({
      method: 'get',
      path: '/holds/{hold}/keys',
      summary: 'Lists the keys that open a held node, and those that were revoked.',
      role: 'read',
      params: HoldParams,
      answer: HoldKeyList,
      async handle({ params }) {
        const { keys } = await viewHold(store.db, await requireHold(store.db, params.hold), deps);
        return { keys };
      },
    }),
  ];
}
