import type { Node } from '#controller/api';
import { untilText } from './until-text.ts';

/** Who has a node, until when, and where there is more: `held for alice until 17:05:09, 3h59m from now (hold 1qf…)`. */
export function heldText({ id, owner, expiresAt }: NonNullable<Node['hold']>, now: number): string {
  return `held for ${owner} ${untilText({ expiresAt }, now)} (hold ${id})`;
}
