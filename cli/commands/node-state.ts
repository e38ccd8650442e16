import type { Node } from '#controller/api';
import { paintState, type Style } from '../terminal/index.ts';

/** A node's state in a word; one whose machine restarts in the middle of its job says so. */
export function paintNodeState(
  style: Style,
  { state, rebootDueAt }: Pick<Node, 'state' | 'rebootDueAt'>,
): string {
  return paintState(style, rebootDueAt === null ? state : 'rebooting', null);
}
