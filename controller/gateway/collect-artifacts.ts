import type { Ending } from '#controller/builds';
import { artifactsOfJob } from '#controller/store';
import { resolveArtifact } from '#shared/pipeline';
import type { Activity, AgentLink } from './activity.ts';
import { collectArtifact } from './collect-artifact.ts';
import type { JobDeps } from './job-deps.ts';
import type { Stop } from './run-steps.ts';
import type { Scene } from './scene.ts';
import { statusOf } from './status-of.ts';

interface Task extends JobDeps {
  scene: Scene;
  link: AgentLink;
  begin(activity: Activity): void;
  /** Nothing is asked of the agent for a while. */
  rest(): void;
  stop: Stop;
  /** Aborted when this controller lets go of the job. */
  signal: AbortSignal;
}

/**
 * Collects the artifacts of a job whose steps have ended, one after another, on a budget of their own: a job which ran out of time still
 * leaves what it has (L14). Who stops the job meanwhile ends that, too. Resolves with how the job ended.
 */
export async function collectArtifacts(task: Task, verdict: Ending): Promise<Ending> {
  const { store, clock, limits, job, scene, stop, rest } = task;
  const artifacts = await artifactsOfJob(store.db, job.id);
  if (artifacts.length === 0) return verdict;
  const stoppedBefore = stop.ending() !== undefined;
  const budget = new AbortController();
  const abort = (): void => budget.abort(new Error('the job was to stop'));
  if (!stoppedBefore) stop.signal.addEventListener('abort', abort, { once: true });
  const callOff = clock.after(limits.artifactsMs, () =>
    budget.abort(new Error('the time for artifacts was up')),
  );
  try {
    const contexts = await scene.contexts(statusOf(verdict));
    for (const artifact of artifacts) {
      const spec = job.spec.artifacts[artifact.position];
      if (spec === undefined) continue;
      const resolve = () => resolveArtifact(spec, job.spec, contexts);
      await collectArtifact({ ...task, artifact, resolve, jobResult: verdict.result, budget: budget.signal });
      rest();
    }
  } finally {
    callOff();
    stop.signal.removeEventListener('abort', abort);
  }
  const stoppedMeanwhile = !stoppedBefore && verdict.result === 'success';
  return (stoppedMeanwhile ? stop.ending() : undefined) ?? verdict;
}
