import type { Condition } from '../contract.ts';
import { statusOf } from './engine-error.ts';
import type { Engine, Inspected, Labels } from './engine.ts';
import { containerName, CONTROLLER_LABEL } from './names.ts';

/** How the node's container is; of the boot of its engine's machine nobody tells. */
export async function conditionOfNode(
  engine: Engine,
  nodeId: string,
  labels: Labels,
  signal: AbortSignal,
): Promise<Condition> {
  const found = await find(engine, nodeId, signal);
  if (found === undefined || found.labels[CONTROLLER_LABEL] !== labels[CONTROLLER_LABEL])
    return { state: 'gone' };
  return found.running ? { state: 'running', boot: null } : { state: 'stopped', reason: whyStopped(found) };
}

async function find(engine: Engine, nodeId: string, signal: AbortSignal): Promise<Inspected | undefined> {
  try {
    return await engine.inspect(containerName(nodeId), signal);
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function whyStopped({ exitCode, outOfMemory }: Inspected): string {
  const memory = outOfMemory ? ', after its container had run out of memory' : '';
  return `was stopped: its container ended with exit code ${exitCode}${memory}`;
}
