import { createHash } from 'node:crypto';
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

/** Marks the images that are captured of nodes: its name, and whose it is. A container that people start from one bears them, too. */
export const IMAGE_LABEL = 'footman.image';
export const OWNER_LABEL = 'footman.image-of';

/** Where a controller has its images. A tag can't be forged by what an imported file says of itself, so it alone tells whose an image is. */
export function imageRepository(controllerId: string): string {
  return `footman-images-${createHash('sha256').update(controllerId).digest('hex').slice(0, 12)}`;
}

export function containerName(nodeId: string): string {
  return `footman-${nodeId}`;
}

export function nodeLabels(controllerId: string, nodeId: string): Labels {
  return { [CONTROLLER_LABEL]: controllerId, [NODE_LABEL]: nodeId };
}
