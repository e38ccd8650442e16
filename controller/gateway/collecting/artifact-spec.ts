import { artifactsOfJob, type Artifact, type Job, type Store } from '#controller/store';
import type { Contexts } from '#shared/expressions';
import { resolveArtifact, resolveReports, type ResolvedArtifact } from '#shared/pipeline';
import { hasCode } from '../has-code.ts';
import type { LeaseLimits } from '../limits.ts';

/** What is to be collected, without templates. */
export type ArtifactSpec = Pick<
  ResolvedArtifact,
  'name' | 'paths' | 'exclude' | 'when' | 'ifEmpty' | 'archive' | 'expireMs'
> & { maxFiles: number; maxBytes: number };

interface Deps {
  store: Store;
  limits: LeaseLimits;
}

/** The spec, or why there is none as a sentence. Only now it shows whether two artifacts are called the same. */
export async function specOf(
  { store, limits }: Deps,
  job: Job,
  artifact: Artifact,
  contexts: Contexts,
): Promise<ArtifactSpec | string> {
  try {
    const spec = resolve(limits, job, artifact, contexts);
    if (artifact.role === 'junit') return spec;
    const others = (await artifactsOfJob(store.db, job.id)).filter(
      ({ id, role }) => id !== artifact.id && role === artifact.role,
    );
    const isTaken = others.some(({ name, state }) => name === spec.name && state !== 'pending');
    return isTaken ? `another artifact of its job is called ${spec.name}` : spec;
  } catch (error) {
    if (!hasCode(error, 'expression-failed')) throw error;
    return error.message;
  }
}

function resolve(limits: LeaseLimits, job: Job, artifact: Artifact, contexts: Contexts): ArtifactSpec {
  const { artifactFiles: maxFiles, artifactBytes, reportBytes } = limits;
  if (artifact.role === 'junit') {
    const { junit: paths } = resolveReports(job.spec, contexts);
    const common = { name: artifact.name, maxFiles, maxBytes: reportBytes };
    return { ...common, paths, exclude: [], when: 'always', ifEmpty: 'warn', archive: false };
  }
  const described = job.spec.artifacts[artifact.position];
  if (described === undefined) throw new Error(`job ${job.id} has no artifact ${artifact.position}`);
  return { ...resolveArtifact(described, job.spec, contexts), maxFiles, maxBytes: artifactBytes };
}
