import { startLoop } from '#controller/loops';
import { createLabelMatcher } from '#controller/matching';
import { createScheduler } from '#controller/scheduler';
import type { Site } from '#simulator/site';
import { createWorldQueue } from '#simulator/world';

/** How the loops of a controller run. */
export interface LoopOptions {
  /** Longest time between two runs of a loop, in milliseconds. */
  idleMs?: number;
  /** Whether the loops hear of what happens; otherwise they find out by themselves. */
  hears?(): boolean;
}

/**
 * Loops run when something happens, or is due. What they do beside that, in case a wake-up was lost, costs time here and finds nothing: no
 * wake-up is lost in a simulation that does not say so.
 */
export const IDLE_MS = 24 * 60 * 60_000;

/** The controller's own scheduler, in its own loop. Several at once do no harm. */
export function startScheduling(
  { world, clock, logger, fleet }: Pick<Site, 'world' | 'clock' | 'logger' | 'fleet'>,
  { idleMs = IDLE_MS, hears = () => true }: LoopOptions = {},
): { stop(): Promise<void> } {
  const scheduler = createScheduler({
    queue: createWorldQueue(world),
    clock,
    matcher: createLabelMatcher(),
    fleet,
  });
  const loop = startLoop({ name: 'scheduler', run: scheduler.run, clock, logger, idleMs });
  const unsubscribe = world.subscribe((changes) => {
    if (scheduler.concerns(changes) && hears()) loop.wake();
  });

  return {
    async stop() {
      unsubscribe();
      await loop.stop();
    },
  };
}
