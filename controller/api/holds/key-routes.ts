import { addHoldKey, revokeHoldKey } from '#controller/holds';
import { doerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { HoldKey, HoldKeyList, HoldKeyParams, HoldParams, NewHoldKey } from './schema.ts';
import { viewKey } from './view.ts';

export function keyRoutes({ journal }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'post',
      path: '/holds/{hold}/keys',
      summary: 'Lets somebody into a held node, and answers with the key, or with those of a profile.',
      role: 'develop',
      params: HoldParams,
      body: NewHoldKey,
      answer: HoldKeyList,
      status: 201,
      async handle({ params, body: { key, login = null } }, response) {
        const added = await addHoldKey(journal, params.hold, { key, login }, doerOf(response));
        return { keys: added.map(viewKey) };
      },
    }),

    jsonRoute({
      method: 'delete',
      path: '/holds/{hold}/keys/{key}',
      summary: 'Revokes a key: whoever is on the node with it is cut off.',
      role: 'develop',
      params: HoldKeyParams,
      answer: HoldKey,
      handle: async ({ params }, response) =>
        viewKey(await revokeHoldKey(journal, params.hold, params.key, doerOf(response))),
    }),
  ];
}
