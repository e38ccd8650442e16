import { json, text } from 'node:stream/consumers';
import type { Node, NodeChecks } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Transport } from './transport.ts';

/** The part of the API that knows single nodes. */
export interface NodesClient {
  show(id: string): Promise<Node>;
  /** What its last check found; null for one that was not checked. */
  checks(id: string): Promise<NodeChecks | null>;
  /** The last of what it printed outside its job; null where nothing is kept. */
  console(id: string): Promise<string | null>;
}

export function createNodesClient({ send }: Pick<Transport, 'send'>): NodesClient {
  return {
    show: async (id) => (await json(await send({ path: pathOf(id) }))) as Node,
    checks: (id) =>
      unlessMissing(async () => (await json(await send({ path: `${pathOf(id)}/checks` }))) as NodeChecks),
    console: (id) => unlessMissing(async () => text(await send({ path: `${pathOf(id)}/console` }))),
  };
}

function pathOf(id: string): string {
  return `/nodes/${encodeURIComponent(id)}`;
}

async function unlessMissing<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof FootmanError && error.code === 'not-found') return null;
    throw error;
  }
}
