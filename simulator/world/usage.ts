import type { QueuedJob } from '#controller/scheduler';
import type { World } from './world.ts';

/** One node more or less that a job of the project has. */
export function countUsage({ usage }: World, { project }: QueuedJob, difference: 1 | -1): void {
  const id = project?.id ?? null;
  usage.set(id, (usage.get(id) ?? 0) + difference);
}
