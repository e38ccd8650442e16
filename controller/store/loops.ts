import type { Db } from './db.ts';

export interface LoopClaim {
  loop: string;
  /** Who asks: one name for one life of one controller. */
  holder: string;
  ttlMs: number;
  /** Milliseconds since the epoch, by the clock of the one who asks: controllers' clocks must agree far better than `ttlMs`. */
  now: number;
}

/**
 * Takes the loop, or renews the hold on it; false while another controller has it. The loop is free again `ttlMs` after its holder last
 * asked. It saves work and is no fence: a holder that slept too long may still be at it, so a loop's every step is a compare-and-swap.
 */
export async function takeLoop(db: Db, { loop, holder, ttlMs, now }: LoopClaim): Promise<boolean> {
  const row = await db
    .insertInto('loop_leases')
    .values({ loop, holder, expires_at: now + ttlMs })
    .onConflict((conflict) =>
      conflict
        .column('loop')
        .doUpdateSet({ holder, expires_at: now + ttlMs })
        .where((where) =>
          where.or([where('loop_leases.holder', '=', holder), where('loop_leases.expires_at', '<=', now)]),
        ),
    )
    .returning('holder')
    .executeTakeFirst();
  return row !== undefined;
}

/** Lets others have it at once. Nothing happens when another has it by now. */
export async function releaseLoop(
  db: Db,
  { loop, holder }: Pick<LoopClaim, 'loop' | 'holder'>,
): Promise<void> {
  await db.deleteFrom('loop_leases').where('loop', '=', loop).where('holder', '=', holder).execute();
}
