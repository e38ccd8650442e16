import { jobContexts } from '#controller/builds';
import type { Secrets } from '#controller/secrets';
import {
  findNode,
  stepsOfJob,
  type Build,
  type Job,
  type Node,
  type Step,
  type Store,
} from '#controller/store';
import type { Contexts, Status, Value } from '#shared/expressions';
import { secretsOfJob } from '#shared/pipeline';

/** What the expressions of a job's steps see, and the secrets that its steps name. */
export interface Scene {
  /** All but `secrets`, as things are now. */
  contexts(status: Status): Promise<Contexts>;
  /** Those that are set. A build of a fork has none. */
  readonly secrets: ReadonlyMap<string, string>;
}

interface Deps {
  store: Store;
  secrets: Pick<Secrets, 'resolve'>;
}

export async function openScene(
  { store, secrets }: Deps,
  build: Build,
  job: Job,
  nodeId: string,
): Promise<Scene> {
  const names = secretsOfJob(job.spec);
  const values = names.length === 0 ? new Map<string, string>() : await secrets.resolve(build, names);
  const before = await jobContexts(store.db, build, job);
  const node = await findNode(store.db, nodeId);
  const env = { ...build.env, ...job.resolved?.env };
  return {
    secrets: values,
    contexts: async (status) => ({
      ...before,
      env,
      steps: stepsContext(await stepsOfJob(store.db, job.id)),
      job: { id: job.base, key: job.key, attempt: job.attempt, status },
      node: nodeContext(node),
    }),
  };
}

function stepsContext(steps: readonly Step[]): Value {
  const finished = steps.flatMap(({ spec, phase, ...step }) =>
    spec.id === undefined || phase === 'save' || step.state !== 'finished'
      ? []
      : [[spec.id, stepContext(step)] as const],
  );
  return Object.fromEntries(finished);
}

/** `outcome` is how it ended, `conclusion` what that means for the job. */
function stepContext({
  result,
  continue_on_error: forgiven,
  outputs,
  exit_code: exit,
}: Pick<Step, 'result' | 'continue_on_error' | 'outputs' | 'exit_code'>): Value {
  const conclusion = forgiven !== 0 && result !== 'skipped' ? 'success' : result;
  return { outputs: outputs ?? {}, outcome: result, conclusion, 'exit-code': exit };
}

function nodeContext(node: Node | undefined): Value {
  if (node === undefined) return {};
  const { id, cloud, template, labels, facts } = node;
  return { id, cloud, template, labels, os: facts?.os ?? null, arch: facts?.architecture ?? null };
}
