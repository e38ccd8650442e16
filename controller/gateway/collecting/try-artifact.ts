import {
  archiveKeyOf,
  blobKeyOf,
  moveArtifact,
  publishArtifact,
  type Published,
} from '#controller/artifacts';
import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Artifact, ArtifactState, Job, NewArtifact, Store } from '#controller/store';
import { abortable } from '#shared/abortable';
import { messageOf } from '#shared/errors';
import type { Activity, AgentLink } from '../activity.ts';
import { hasCode } from '../has-code.ts';
import { createArtifactRun, type ArtifactProgress, type ArtifactReport } from './artifact-run.ts';
import type { ArtifactSpec } from './artifact-spec.ts';

export interface Trial {
  store: Store;
  journal: Journal;
  clock: Clock;
  blobs: Blobs;
  job: Pick<Job, 'id' | 'build_id'>;
  artifact: Pick<Artifact, 'id'>;
  spec: ArtifactSpec;
  /** How long the agent goes on without a connection where its job is over, in milliseconds. */
  graceMs?: number;
  link: AgentLink;
  begin(activity: Activity): void;
  progress(progress: ArtifactProgress): void;
  signal: AbortSignal;
}

/** How one try ended: the artifact has its end, which `sentence` tells, or it is to be tried again, since the storage is in trouble. */
export type Attempt =
  | { kind: 'published'; published: Published; note: string | null }
  | { kind: 'ended'; state: 'empty' | 'failed'; reason: string }
  | { kind: 'again'; reason: string };

type Stored = ArtifactReport & { kind: 'stored' };

const OPEN = ['collecting', 'waiting'] as const satisfies ArtifactState[];

/** Tries once to bring an artifact into the storage. Throws only the signal's reason, and what is wrong with this controller. */
export async function tryArtifact(trial: Trial): Promise<Attempt> {
  const { artifact, spec, graceMs, link, begin, signal } = trial;
  const { id } = artifact;
  const { paths, exclude, archive, maxFiles, maxBytes } = spec;
  const run = createArtifactRun({
    ...trial,
    collect: {
      type: 'artifact.collect',
      artifact: id,
      root: 'workspace',
      paths,
      exclude,
      // An agent of the Footman before knows no archives.
      ...(archive && { archive }),
      maxFiles,
      maxBytes,
      ...(graceMs !== undefined && { graceMs }),
    },
    keyOf: archive ? () => archiveKeyOf(id) : (file) => blobKeyOf(id, file),
  });
  begin(run);
  const report = await abortable(run.report, signal);
  const attempt =
    report.kind === 'again'
      ? report
      : report.kind === 'failed'
        ? await end(trial, 'failed', report.reason)
        : await conclude(trial, report);
  if (attempt.kind !== 'again') link.send({ type: 'artifact.ack', artifact: id });
  return attempt;
}

async function conclude(trial: Trial, { content, note }: Stored): Promise<Attempt> {
  const { job, artifact, spec, signal } = trial;
  if (content.files.length === 0) {
    const reason = `its paths matched no file${note === null ? '' : `; ${note}`}`;
    return end(trial, spec.ifEmpty === 'error' ? 'failed' : 'empty', reason);
  }
  try {
    const { name, expireMs } = spec;
    const published = await publishArtifact(trial, job, artifact, { ...content, name, expireMs }, signal);
    return published === undefined ? overtaken() : { kind: 'published', published, note };
  } catch (error) {
    if (!hasCode(error, 'storage-unavailable') && !hasCode(error, 'storage-refused')) throw error;
    return { kind: 'again', reason: messageOf(error) };
  }
}

async function end(
  { journal, job, artifact, spec }: Trial,
  state: 'empty' | 'failed',
  reason: string,
): Promise<Attempt> {
  const isWorth = state === 'failed' || spec.ifEmpty === 'warn';
  const moved = await journal.commit((tx) => {
    const set: Partial<NewArtifact> = {
      reason: isWorth ? reason : null,
      waits_until: null,
      finished_at: tx.at,
    };
    return moveArtifact(tx, job, artifact.id, OPEN, state, set);
  });
  return moved === undefined ? overtaken() : { kind: 'ended', state, reason };
}

/** Its job, or its time, has ended meanwhile, and it with that. */
function overtaken(): Attempt {
  return { kind: 'ended', state: 'failed', reason: 'it was given up meanwhile' };
}
