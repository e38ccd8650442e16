import { CheckReport } from '#controller/nodes';
import {
  findNode,
  findNodeReport,
  liveNodes,
  recentNodes,
  type Db,
  type Node as NodeRow,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { jsonRoute, streamRoute, type Route } from '../http/route.ts';
import { Node, NodeChecks, NodeList, NodeParams, NodeQuery } from './schema.ts';
import { viewNode, viewNodes } from './view.ts';

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
        return { nodes: await viewNodes(store.db, nodes) };
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/nodes/{node}',
      summary: 'Shows a node.',
      role: 'read',
      params: NodeParams,
      answer: Node,
      handle: async ({ params }) => viewNode(store.db, await requireNode(store.db, params.node)),
    }),

    jsonRoute({
      method: 'get',
      path: '/nodes/{node}/checks',
      summary:
        'Shows what the last health check of a node found; kept of the newest nodes that are gone, too.',
      role: 'read',
      params: NodeParams,
      answer: NodeChecks,
      async handle({ params }) {
        const { id } = await requireNode(store.db, params.node);
        const report = await findNodeReport(store.db, id, 'check');
        if (report === undefined) throw new FootmanError('not-found', `node ${id} was not checked`);
        return CheckReport.parse(JSON.parse(report.text));
      },
    }),

    streamRoute({
      method: 'get',
      path: '/nodes/{node}/console',
      summary: 'Reads the last of what a node printed outside its job; kept of the newest that failed.',
      role: 'read',
      params: NodeParams,
      answer: { status: 200, mediaType: 'text/plain', description: 'Up to 64 KiB.' },
      async handle({ params }, _request, response) {
        const node = await requireNode(store.db, params.node);
        const limit = AbortSignal.timeout(CONSOLE_TIMEOUT_MS);
        const text = await consoleOf(node, AbortSignal.any([disconnected(response), limit]));
        if (text === null)
          throw new FootmanError('not-found', `nothing is kept of what node ${node.id} printed`);
        response.setHeader('Cache-Control', 'no-store');
        response.type('text/plain').send(text);
      },
    }),
  ];

  /** The cloud's word is the newest; what is kept stands for a node that is gone, or whose cloud does not answer. */
  async function consoleOf(
    { id, resource, cloud, state }: NodeRow,
    signal: AbortSignal,
  ): Promise<string | null> {
    const kept = (await findNodeReport(store.db, id, 'console'))?.text ?? null;
    if (state === 'deleted') return kept;
    try {
      return (await fleet.connection(cloud)?.console({ id, resource }, signal)) ?? kept;
    } catch (error) {
      if (kept === null) throw error;
      return kept;
    }
  }
}

async function requireNode(db: Db, id: string): Promise<NodeRow> {
  const node = await findNode(db, id);
  if (node === undefined) throw new FootmanError('not-found', `there is no node ${id}`);
  return node;
}
