import { z } from 'zod';
import { FootmanError } from '#shared/errors';
import type { Bootstrap } from '#shared/protocol';
import { parseAnswer } from './answer.ts';
import type { Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { titleOf } from './place.ts';
import { PREPARE_NODE, RENEW_NODE } from './scripts/index.ts';
import { explain, outputOf, quote } from './shell.ts';

const NodeFolder = z.object({ folder: z.string().startsWith('/'), place: z.string().startsWith('/') });
/** A node's folder on its machine, and where its tunnel's socket is to be. */
export type NodeFolder = z.infer<typeof NodeFolder>;

export interface NewNode {
  machine: Machine;
  controllerId: string;
  nodeId: string;
}

/** Makes the folder of a node that has none. */
export async function makeNodeFolder(
  connection: Connection,
  node: NewNode,
  signal: AbortSignal,
): Promise<NodeFolder> {
  const title = titleOf(node.machine);
  const script = { text: PREPARE_NODE, args: [node.controllerId, node.nodeId, String(Date.now())] };
  const output = await outputOf(connection, script, `${title} has no place for ${node.nodeId}`, signal);
  return parseAnswer(output, NodeFolder, title);
}

/** Readies the folder of a node whose machine was restarted for its next agent; what its steps made stays. */
export async function renewNodeFolder(
  connection: Connection,
  { machine, controllerId, nodeId }: NewNode,
  signal: AbortSignal,
): Promise<NodeFolder> {
  const title = titleOf(machine);
  const script = { text: RENEW_NODE, args: [controllerId, nodeId] };
  const output = await outputOf(
    connection,
    script,
    `what ${nodeId} had on ${title} did not outlive the restart`,
    signal,
  );
  return parseAnswer(output, NodeFolder, title);
}

/**
 * Starts the agent, which gets its bootstrap as its standard input; resolves when its program runs.
 *
 * @throws FootmanError `cloud-unavailable` with what it said, where it does not
 */
export async function startAgent(
  connection: Connection,
  { machine, nodeId }: NewNode,
  { folder }: NodeFolder,
  command: string[],
  bootstrap: Bootstrap,
  signal: AbortSignal,
): Promise<void> {
  const words = ['sh', `${folder}/launch`, nodeId, ...command].map(quote).join(' ');
  const ended = await connection.exec(words, `${JSON.stringify(bootstrap)}\n`, signal);
  if (ended.code === 0) return;
  const sentence = `the agent does not start on ${titleOf(machine)}: ${explain(ended)}`;
  throw new FootmanError('cloud-unavailable', sentence);
}
