import {
  cordonTarget,
  deleteNode,
  drainTarget,
  standingCordons,
  uncordonTarget,
} from '#controller/operations';
import { callerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { Node } from '../nodes/schema.ts';
import { viewNode, viewNodes } from '../nodes/view.ts';
import {
  Cordon,
  CordonList,
  DeletionParams,
  DeletionQuery,
  Drain,
  NewCordon,
  TargetParams,
  Uncordoned,
} from './schema.ts';

export function operationRoutes(deps: ApiDeps): Route[] {
  const { store, journal } = deps;
  return [
    jsonRoute({
      method: 'get',
      path: '/cordons',
      summary: 'Lists cordons: of clouds and templates, then of nodes.',
      role: 'read',
      answer: CordonList,
      handle: async () => ({ cordons: await standingCordons(store.db) }),
    }),

    jsonRoute({
      method: 'put',
      path: '/cordons/{target*}',
      summary:
        'Keeps new nodes from coming from a cloud or a template, and jobs from getting its ready nodes, or one node.',
      role: 'admin',
      params: TargetParams,
      body: NewCordon,
      answer: Cordon,
      handle: ({ params, body }, response) =>
        cordonTarget(deps, { ...params, ...body, actor: callerOf(response).subject }),
    }),

    jsonRoute({
      method: 'delete',
      path: '/cordons/{target*}',
      summary: "Takes the target's own cordon away, and answers with what there was.",
      role: 'admin',
      params: TargetParams,
      answer: Uncordoned,
      handle: async ({ params }, response) => ({
        cordon: await uncordonTarget(deps, { ...params, actor: callerOf(response).subject }),
      }),
    }),

    jsonRoute({
      method: 'post',
      path: '/drains/{target*}',
      summary:
        'Cordons and removes the nodes without a job; again, it removes what was on its way. Nothing left is drained.',
      role: 'admin',
      params: TargetParams,
      body: NewCordon,
      answer: Drain,
      async handle({ params, body }, response) {
        const wish = { ...params, ...body, actor: callerOf(response).subject };
        const { cordon, retired, left } = await drainTarget(deps, wish);
        return { cordon, retired, left: await viewNodes(store.db, left) };
      },
    }),

    jsonRoute({
      method: 'delete',
      path: '/nodes/{node}',
      summary:
        'Removes a node: at once without a job; with one only by force, and the job ends errored. Never a held one.',
      role: 'admin',
      params: DeletionParams,
      query: DeletionQuery,
      answer: Node,
      handle: async ({ params, query: { force = false, reason = null } }, response) =>
        viewNode(
          store.db,
          await deleteNode(journal, params.node, { force, reason, actor: callerOf(response).subject }),
        ),
    }),
  ];
}
