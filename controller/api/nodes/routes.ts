import { findNode, liveNodes, recentNodes, type Db, type Node as NodeRow } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { jsonRoute, streamRoute, type Route } from '../http/route.ts';
import { Node, NodeList, NodeParams, NodeQuery } from './schema.ts';
import { viewNode } from './view.ts';

const MOST_RECENT = 1000;
const CONSOLE_TIMEOUT_MS = 30_000;

export function nodeRoutes({ store, fleet }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/nodes',
      summary: 'Lists the nodes that the clouds may still hold something of.',
      role: 'read',
      query: NodeQuery,
      answer: NodeList,
      async handle({ query }) {
        const nodes =
          query.all === true ? await recentNodes(store.db, MOST_RECENT) : await liveNodes(store.db);
        return { nodes: nodes.map(viewNode) };
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/nodes/{node}',
      summary: 'Shows a node.',
      role: 'read',
      params: NodeParams,
      answer: Node,
      handle: async ({ params }) => viewNode(await requireNode(store.db, params.node)),
    }),

    streamRoute({
      method: 'get',
      path: '/nodes/{node}/console',
      summary: 'Reads the last of what a node printed outside its job.',
      role: 'read',
      params: NodeParams,
      answer: { status: 200, mediaType: 'text/plain', description: 'Up to 64 KiB.' },
      async handle({ params }, _request, response) {
        const { id, resource, cloud: name } = await requireNode(store.db, params.node);
        const cloud = fleet.cloud(name)?.cloud;
        const signal = AbortSignal.any([disconnected(response), AbortSignal.timeout(CONSOLE_TIMEOUT_MS)]);
        const text = (await cloud?.console({ id, resource }, signal)) ?? null;
        if (text === null) throw new FootmanError('not-found', `nothing is kept of what node ${id} printed`);
        response.setHeader('Cache-Control', 'no-store');
        response.type('text/plain').send(text);
      },
    }),
  ];
}

async function requireNode(db: Db, id: string): Promise<NodeRow> {
  const node = await findNode(db, id);
  if (node === undefined) throw new FootmanError('not-found', `there is no node ${id}`);
  return node;
}
