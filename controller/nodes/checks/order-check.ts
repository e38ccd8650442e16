import { createHash } from 'node:crypto';
import type { CheckSettings } from '#controller/fleet';
import type { Node } from '#controller/store';
import type { CheckStart } from '#shared/protocol';

/**
 * What the agent of a node in `checking` is asked. It has the same id each time, as long as the node stays there and its settings are the
 * same: an agent that was asked before, be it by an earlier life of the controller, goes on with what it has begun.
 */
export function orderCheck(
  { state_since: since }: Pick<Node, 'state_since'>,
  { dns, reach, script, timeoutMs }: CheckSettings,
): CheckStart {
  const what = { dns: [...dns], reach: [...reach], script, timeoutMs };
  const digest = createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16);
  return { type: 'check.start', check: `${since}-${digest}`, ...what };
}
