import type { Node } from '#controller/store';

/** Whether the node takes up room that a job waits for. */
export type InTheWay = (node: Pick<Node, 'cloud' | 'host'>) => boolean;

/** Whether a job waits for room in the cloud. */
export function isCrowded(cloud: string, crowded: readonly InTheWay[]): boolean {
  return crowded.some((isInTheWay) => isInTheWay({ cloud, host: null }));
}
