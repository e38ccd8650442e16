import { defined } from './defined.ts';
import type { Hold } from '../step.ts';
import type { HoldSource } from '../schema/hold.ts';

export function toHold(source: HoldSource): Hold {
  if (source === null) return { keys: [] };
  if (typeof source === 'number') return { forMs: source, keys: [] };
  const { for: forMs, reason, keys } = source;
  return { ...defined({ forMs, reason }), keys };
}
