import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { blobKeyOf, createWaitingKeeper, type WaitingKeeper } from '#controller/artifacts';
import { createLogger } from '#controller/logger';
import { artifactsOfJob, findNode, type Artifact } from '#controller/store';
import type { ArtifactFile, StepEnd } from '#shared/protocol';
import type { LeaseRunDeps } from '../job-deps.ts';
import { startLeaseRun, type LeaseRun } from '../lease-run.ts';
import { createStandIn, type LeasedJob, type StandIn } from '../test-support.ts';

const never = new AbortController().signal;

export function keeperOf(leased: LeasedJob): WaitingKeeper {
  return createWaitingKeeper({ ...leased.deps, logger: createLogger('silent') });
}

export function fileOf(path: string, content: string): ArtifactFile {
  return { path, bytes: content.length, sha256: sha256(content), mode: 0o644 };
}

export function linkOf(path: string, link: string): ArtifactFile {
  return { path, bytes: 0, sha256: sha256(''), mode: 0o777, link };
}

export function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

export async function putFile(
  leased: LeasedJob,
  artifact: string,
  path: string,
  content: string,
): Promise<void> {
  const key = blobKeyOf(artifact, { path, sha256: sha256(content) });
  await leased.deps.blobs.put(key, Buffer.from(content), {}, never);
}

export async function readObject(leased: LeasedJob, key: string): Promise<string> {
  const { stream } = await leased.deps.blobs.get(key, {}, never);
  return text(stream);
}

export async function logOf(leased: LeasedJob, step: string): Promise<string> {
  const id = { build: leased.build.id, job: leased.job.id, step };
  const { content } = await leased.logs.read(id, { offset: 0 }, never);
  return Buffer.concat(await Array.fromAsync(content)).toString();
}

export async function onlyArtifact(leased: LeasedJob): Promise<Artifact> {
  const [row] = await artifactsOfJob(leased.store.db, leased.job.id);
  if (row === undefined) throw new Error('the job has no artifact');
  return row;
}

export async function nodeState(leased: LeasedJob): Promise<string | undefined> {
  return (await findNode(leased.store.db, leased.nodeId))?.state;
}

export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}

export const PIPELINE = `
jobs:
  a:
    runs-on: linux
    steps: [{ name: one, run: work }]
    artifacts: [{ name: out, paths: ["out/**"], when: always, expire: 1d }]
`;

/** A life of the controller that drives the job, and the job's agent. */
export interface Life {
  agent: StandIn;
  run: LeaseRun;
  closing: AbortController;
}

export function beginLife(leased: LeasedJob, change: Partial<LeaseRunDeps> = {}): Life {
  const agent = createStandIn();
  const closing = new AbortController();
  const run = startLeaseRun(
    { ...leased.deps, ...change },
    leased.build,
    leased.job,
    leased.nodeId,
    closing.signal,
  );
  run.attach(agent, { session: 'session', graceMs: 1 });
  leased.journal.subscribe((changes) => {
    for (const { kind, data } of changes) if (kind === 'job' && data.state === 'finished') run.letGo();
  });
  return { agent, run, closing };
}

/** The job's only step ends. */
export async function endStep(
  { agent, run }: Life,
  end: StepEnd = { reason: 'exited', exit: 0, signal: null },
): Promise<void> {
  const { step } = await agent.received('step.start');
  run.message({ type: 'step.finished', step, at: 1, end, outputs: {}, logBytes: 0 });
}
