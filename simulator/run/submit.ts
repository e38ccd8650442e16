import type { Site } from '#simulator/site';
import { submitJob } from '#simulator/world';
import type { PlannedJob } from '#simulator/workload';

/** A point of priority is worth so much waiting, as in the controller's queue. */
const POINT_MS = 6 * 60_000;

/** Queues each job when its time comes. */
export function submitAll({ clock, world }: Site, jobs: readonly PlannedJob[]): { isOver(): boolean } {
  const startMs = clock.now();
  let next = 0;
  arm();
  return { isOver: () => next >= jobs.length };

  function arm(): void {
    const job = jobs[next];
    if (job !== undefined) clock.after(startMs + job.at - clock.now(), submitDue);
  }

  /** All that come at this instant. */
  function submitDue(): void {
    const now = clock.now();
    world.commit(() => {
      for (let job = jobs[next]; job !== undefined && startMs + job.at <= now; job = jobs[next]) {
        submit(job, now);
        next += 1;
      }
    });
    arm();
  }

  function submit({ runsOn, priority, durationMs, queueTimeoutMs }: PlannedJob, now: number): void {
    const id = world.newId();
    submitJob(
      world,
      {
        id,
        buildId: id,
        runsOn,
        images: null,
        queuedAt: now,
        deadline: now + queueTimeoutMs,
        rank: now - priority * POINT_MS,
        priority,
        project: null,
      },
      { durationMs, isHeld: false },
    );
  }
}
