import type { Document, Path } from '#shared/document';
import { defaultArtifactName } from './check-artifacts.ts';
import type { Artifact, Checkout, Env, Job, Pipeline, Step } from './pipeline.ts';
import type { ArtifactSource, EnvSource, JobSource, PipelineSource, StepSource } from './schema.ts';

/** Longest name that is made from a script, in UTF-16 code units. */
const MAX_MADE_NAME = 80;

/** The checked document in the words of the program, with every default filled in. */
export function toPipeline(source: PipelineSource, document: Document, defaultName: string): Pipeline {
  return {
    name: source.name ?? defaultName,
    env: toEnv(source.env, ['env']),
    ...defined({ timeoutMs: source.timeout }),
    jobs: Object.entries(source.jobs).map(([id, job]) => toJob(id, job)),
  };

  function toJob(id: string, job: JobSource): Job {
    const path = ['jobs', id];
    return {
      id,
      name: job.name ?? id,
      runsOn: job['runs-on'],
      needs: toList(job.needs),
      env: toEnv(job.env, [...path, 'env']),
      timeoutMs: job.timeout,
      ...defined({ queueTimeoutMs: job['queue-timeout'] }),
      steps: job.steps.map((step, index) => toStep(step, [...path, 'steps', index])),
      artifacts: job.artifacts.map(toArtifact),
    };
  }

  function toStep(step: StepSource, path: Path): Step {
    const base = {
      env: toEnv(step.env, [...path, 'env']),
      ...defined({ timeoutMs: step.timeout, workingDirectory: step['working-directory'] }),
    };
    if (step.run === undefined) {
      const checkout = toCheckout(step.checkout);
      return { kind: 'checkout', name: step.name ?? nameOfCheckout(checkout), checkout, ...base };
    }
    return {
      kind: 'run',
      name: step.name ?? nameOfScript(step.run),
      run: step.run,
      shell: step.shell ?? 'sh',
      ...base,
    };
  }

  /** A number is taken as it is written: `VERSION: 1.10` is "1.10", which YAML would make 1.1. */
  function toEnv(env: EnvSource = {}, path: Path): Env {
    const variables = Object.entries(env).map(([name, value]) => {
      const text = typeof value === 'string' ? value : document.textOf([...path, name]);
      return [name, text ?? String(value)] as const;
    });
    return Object.fromEntries(variables);
  }
}

function toCheckout(source: StepSource['checkout']): Checkout {
  return source === undefined || source === true ? {} : defined(source);
}

function toArtifact(artifact: ArtifactSource, index: number): Artifact {
  return {
    name: artifact.name ?? defaultArtifactName(index),
    paths: toList(artifact.paths),
    exclude: toList(artifact.exclude ?? []),
    when: artifact.when,
    ifEmpty: artifact['if-empty'],
  };
}

function toList(value: string | string[]): string[] {
  return typeof value === 'string' ? [value] : value;
}

function nameOfScript(script: string): string {
  const lines = script.split('\n').map((line) => line.trim());
  const first =
    lines.find((line) => line !== '' && !line.startsWith('#')) ?? lines.find((line) => line !== '') ?? '';
  return first.length > MAX_MADE_NAME ? `${first.slice(0, MAX_MADE_NAME)}…` : first;
}

function nameOfCheckout({ repository }: Checkout): string {
  return repository === undefined ? 'checkout' : `checkout ${repository}`;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without its undefined values, so that it is the same after a journey as JSON. */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
