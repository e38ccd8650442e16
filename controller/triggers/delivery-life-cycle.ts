import { assertTransition, type Transitions, type Tx } from '#controller/events';
import { swapState, type Delivery, type DeliveryState, type Patch } from '#controller/store';

/**
 * The life of a delivery: `received` until it was looked at; then `processed` if it started builds, `ignored` if it was for none, `failed`
 * if it should have started one and could not. One that failed may be sent again, and is then `received` once more.
 */
const TRANSITIONS: Transitions<DeliveryState> = {
  received: ['processed', 'ignored', 'failed'],
  processed: [],
  ignored: [],
  failed: ['received'],
};

/** Ends a delivery that is being looked at; undefined where somebody else was first. */
export async function endDelivery(
  tx: Tx,
  { id }: Delivery,
  to: 'processed' | 'ignored' | 'failed',
  reason: string,
): Promise<Delivery | undefined> {
  assertTransition('delivery', TRANSITIONS, ['received'], to);
  // The body has done its work, and may be large. One that is sent again brings its own.
  const set: Patch<'deliveries'> = { reason, processed_at: tx.at, payload: '' };
  const delivery = await swapState(tx.db, 'deliveries', id, ['received'], to, set, tx.at);
  if (delivery === undefined) return undefined;
  await tx.record({ kind: 'delivery', data: { id, state: to, reason } });
  return delivery;
}
