import { type Draft, entry, isMapping, items } from '../draft.ts';
import type { Workshop } from './workshop.ts';

/** Lists of post steps that may hold the node. */
const LISTS = ['always', 'failure', 'cancelled'] as const;

/** Each list holds the node once; what a later list says counts. */
export function checkHolds(post: Draft, { report }: Workshop): void {
  for (const list of LISTS) {
    const holds = items(entry(post, list)).filter(
      ({ value }) => isMapping(value) && Object.hasOwn(value, 'hold'),
    );
    for (const step of holds.slice(1)) {
      report(entry(step, 'hold').path, 'a node is held once', {
        at: 'key',
        hint: `take one of the holds under ${JSON.stringify(list)} away`,
      });
    }
  }
}
