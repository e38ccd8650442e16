import { projectNameOf, type Build, type Job, type Step, type Store } from '#controller/store';

interface Context {
  store: Store;
  build: Build;
  job: Job;
  step: Step;
  nodeId: string;
}

/** The variables that every step has, whatever its pipeline says. What does not apply is not set. */
export async function footmanVariables({
  store,
  build,
  job,
  step,
  nodeId,
}: Context): Promise<Record<string, string>> {
  const { trigger, source } = build;
  return present({
    FOOTMAN_BUILD_ID: build.id,
    FOOTMAN_BUILD_NUMBER: String(build.number),
    FOOTMAN_PIPELINE: build.pipeline,
    FOOTMAN_PROJECT: await projectNameOf(store.db, build),
    FOOTMAN_EVENT: trigger.event,
    FOOTMAN_BRANCH: trigger.branch,
    FOOTMAN_TAG: trigger.tag,
    FOOTMAN_PULL_REQUEST: trigger.pullRequest && String(trigger.pullRequest.number),
    FOOTMAN_BASE_BRANCH: trigger.pullRequest?.base,
    FOOTMAN_COMMIT: source?.commit,
    FOOTMAN_JOB: job.key,
    FOOTMAN_ATTEMPT: String(job.attempt),
    FOOTMAN_STEP: String(step.position),
    FOOTMAN_NODE_ID: nodeId,
  });
}

function present(variables: Record<string, string | null | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
