import { buildDeadline, buildTimeoutReason, type Ending } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Build, Job } from '#controller/store';
import { formatDuration } from '#shared/quantity';

/** Calls back when the job's time is up, or its build's, whichever is first. Returns what calls it off. */
export function limitTime(
  clock: Clock,
  build: Build,
  job: Job,
  startedAt: number,
  isUp: (ending: Ending, at: number) => void,
): () => void {
  const ofJob = startedAt + job.timeout_ms;
  const ofBuild = buildDeadline(build) ?? Number.POSITIVE_INFINITY;
  const at = Math.min(ofJob, ofBuild);
  const reason =
    ofBuild < ofJob
      ? buildTimeoutReason(build.timeout_ms ?? 0)
      : `the job took longer than ${formatDuration(job.timeout_ms)}`;
  if (clock.now() >= at) {
    isUp({ result: 'timed-out', reason }, at);
    return () => undefined;
  }
  let callOff = arm();
  return () => callOff();

  function arm(): () => void {
    return clock.after(Math.max(0, at - clock.now()), () => {
      // A timer has a longest time, which may be shorter.
      if (clock.now() < at) callOff = arm();
      else isUp({ result: 'timed-out', reason }, at);
    });
  }
}
