import { defined } from './defined.ts';
import type { Promotion, Snapshot, Step } from '../step.ts';
import type { PromotionSource, SnapshotSource } from '../schema/snapshot.ts';

/** The values of a snapshot that says nothing but its stream. */
const DEFAULTS = { keep: 3, promote: 'auto' } as const;

export function toSnapshot(source: SnapshotSource, verify: Step[]): Snapshot {
  const { stream, keep, promote, ...rest } =
    typeof source === 'string' ? { ...DEFAULTS, stream: source } : source;
  const refreshAfterMs = 'refresh-after' in rest ? rest['refresh-after'] : undefined;
  return { stream, verify, keep, promote: toPromotion(promote), ...defined({ refreshAfterMs }) };
}

function toPromotion(source: PromotionSource): Promotion {
  return typeof source === 'string' ? { how: source } : { how: 'when-all', clouds: source['when-all'] };
}
