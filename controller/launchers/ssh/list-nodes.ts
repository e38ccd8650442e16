import { FootmanError } from '#shared/errors';
import { isNodeId } from '../node-id.ts';
import { pairsOf } from './answer.ts';
import type { Connection } from './connection.ts';
import type { Machine, NodeOnMachine } from './contract.ts';
import { titleOf } from './place.ts';
import { LIST_NODES } from './scripts/index.ts';
import { outputOf } from './shell.ts';

/** @throws FootmanError `cloud-unavailable` rather than return a part */
export async function listNodes(
  connection: Connection,
  machine: Machine,
  controllerId: string,
  signal: AbortSignal,
): Promise<NodeOnMachine[]> {
  const what = `the nodes on ${titleOf(machine)} can't be listed`;
  const script = { text: LIST_NODES, args: [controllerId] };
  const told = pairsOf(await outputOf(connection, script, what, signal));
  const nodes = told.flatMap(([name, createdAt]) => {
    const id = name.replace(/^node-/, '');
    const isNode = id !== name && isNodeId(id) && /^\d{1,15}$/.test(createdAt);
    return isNode ? [{ id, createdAt: Number(createdAt) }] : [];
  });
  const [last, count] = told.at(-1) ?? [];
  if (last === 'count' && Number(count) === nodes.length) return nodes;
  throw new FootmanError('cloud-unavailable', `${what}: the list is not whole`);
}
