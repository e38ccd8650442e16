import type { Labels } from './engine.ts';

/** Where things are in a container. The agent's folder is in a volume of its own: no snapshot of the container ever holds it. */
export const AGENT_VOLUME = '/footman';
export const AGENT_FOLDER = 'agent';
export const RUNTIME_MOUNT = '/opt/footman';
export const SOCKET_MOUNT = '/run/footman';

export const CONTROLLER_LABEL = 'footman.controller';
export const NODE_LABEL = 'footman.node';
/** Marks the volumes that hold a runtime; they belong to no controller, as several may use them. */
export const RUNTIME_LABEL = 'footman.runtime';

export function containerName(nodeId: string): string {
  return `footman-${nodeId}`;
}

export function nodeLabels(controllerId: string, nodeId: string): Labels {
  return { [CONTROLLER_LABEL]: controllerId, [NODE_LABEL]: nodeId };
}
