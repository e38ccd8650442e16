import {
  findJob,
  findNode,
  holdOfVersion,
  type Db,
  type Hold,
  type ImageVersion,
  type Job,
  type Node,
} from '#controller/store';
import { isHeldMachine } from './begin-capture.ts';

/** What is captured: the node of a job that has done all else, or one that is held. */
export type Subject = { kind: 'job'; job: Job; node: Node } | { kind: 'hold'; hold: Hold; node: Node };
export type SubjectOf<Kind extends Subject['kind']> = Extract<Subject, { kind: Kind }>;

/** Undefined where there is nothing left to capture. */
export async function subjectOf(db: Db, version: ImageVersion): Promise<Subject | undefined> {
  const { job_id: jobId, node_id: nodeId } = version;
  const node = nodeId === null ? undefined : await findNode(db, nodeId);
  if (node === undefined) return undefined;
  if (isHeldMachine(version)) {
    const hold = await holdOfVersion(db, version.id);
    return hold && { kind: 'hold', hold, node };
  }
  const job = jobId === null ? undefined : await findJob(db, jobId);
  return job && { kind: 'job', job, node };
}

/** Whether anybody wants the image still. */
export function isWanted(subject: Subject | undefined): boolean {
  if (subject === undefined) return false;
  if (subject.kind === 'hold') return subject.hold.state === 'held';
  return subject.job.state === 'running' && subject.job.cancel_requested_at === null;
}
