import type { PoolSettings } from '#controller/fleet';

export const NO_POOL: PoolSettings = { minReady: 0, schedule: [], learning: null, maxReadyAgeMs: null };

export function fixedPool(minReady: number): PoolSettings {
  return { ...NO_POOL, minReady };
}

/** The defaults of `pool: { learn: {} }` in a controller's configuration. */
export const LEARNING_POOL: PoolSettings = { ...NO_POOL, learning: { coldStarts: 0.05, maxReady: 20 } };
