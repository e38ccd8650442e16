import { sentByHand, submitBuild } from '#controller/builds';
import { createJournal, type Change } from '#controller/events';
import { createFleet } from '#controller/fleet';
import { createLabelMatcher } from '#controller/matching';
import { plannedNode } from '#controller/provisioner';
import {
  insertNode,
  insertProject,
  jobsOfBuild,
  newId,
  openStore,
  patchJob,
  type Job,
  type NewNode,
  type Store,
  type WantedImages,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { cloudOf, templateOf } from '../provisioner/test-support.ts';
import { createQueueStore, createScheduler, type QueueStore, type Scheduler } from './index.ts';

/** A scheduler over a store of its own, two clouds that never launch anything, and time that stands still. */
export interface SchedulingPlace {
  store: Store;
  queue: QueueStore;
  scheduler: Scheduler;
  time: { now: number };
  /** A second scheduler on the same queue. */
  another(): Scheduler;
  /** A build of one job for these labels. */
  submit(labels: string, job?: { project?: string | null; priority?: number }): Promise<Job>;
  /** What the job, which is queued, is to start from. */
  wants(job: Job, images: WantedImages): Promise<void>;
  /** A node that is ready from now on, after all others; its agent is connected. */
  ready(labels: string[], change?: Partial<NewNode>): Promise<void>;
  addProject(id: string, limits?: { share?: number; max_nodes?: number }): Promise<void>;
  /** Of these jobs, in their order. */
  states(jobs: readonly Job[]): Promise<string[]>;
  /** Whether such a change is a reason for another pass. */
  concerns(kind: Change['kind'], data: { state: string; connected?: boolean }): boolean;
}

export const START = 1_000_000;

const HOST = templateOf({ cloud: 'local', digest: '' });

export async function openSchedulingPlace(): Promise<SchedulingPlace> {
  const time = { now: START };
  const clock = { now: () => time.now, after: () => () => undefined };
  const fleet = createFleet([
    cloudOf('vm', [templateOf({ cost: 2 })]),
    cloudOf('local', [templateOf({ cost: 1 }), templateOf({ name: 'spare', weight: 50 })]),
  ]);
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const journal = createJournal({ store, clock });
  const queue = createQueueStore({ store, journal });
  const scheduler = another();
  return { store, queue, scheduler, time, another, submit, wants, ready, addProject, states, concerns };

  function another(): Scheduler {
    return createScheduler({ queue, clock, matcher: createLabelMatcher(), fleet });
  }

  function concerns(kind: Change['kind'], data: { state: string; connected?: boolean }): boolean {
    return scheduler.concerns([{ kind, data: { id: 'it', ...data } }]);
  }

  async function submit(
    labels: string,
    { project = null, priority = 50 }: { project?: string | null; priority?: number } = {},
  ): Promise<Job> {
    const source = `jobs: { a: { runs-on: '${labels}', priority: ${priority}, steps: [{ run: work }] } }`;
    const parsed = parsePipeline(source, 'test.yaml');
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const submission = {
      ...sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' }),
      projectId: project,
    };
    const { id } = await submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
    const [job] = await jobsOfBuild(store.db, id);
    if (job === undefined) throw new Error('no job');
    return job;
  }

  async function wants({ id }: Job, images: WantedImages): Promise<void> {
    await patchJob(store.db, id, ['queued'], { images });
  }

  async function ready(labels: string[], change: Partial<NewNode> = {}): Promise<void> {
    const at = (time.now += 1);
    await insertNode(store.db, {
      ...plannedNode(newId(), { template: HOST, request: null }, at),
      labels,
      state: 'ready',
      session_epoch: 1,
      ready_at: at,
      ...change,
    });
  }

  async function addProject(id: string, limits: { share?: number; max_nodes?: number } = {}): Promise<void> {
    await insertProject(store.db, {
      id,
      name: id,
      provider: 'git',
      repository: '/srv/git/it',
      default_branch: 'main',
      pipelines: ['.footman.yaml'],
      share: 1,
      max_nodes: null,
      created_at: START,
      ...limits,
    });
  }

  async function states(jobs: readonly Job[]): Promise<string[]> {
    const rows = await Promise.all(jobs.map((job) => jobsOfBuild(store.db, job.build_id)));
    return rows.flat().map(({ state }) => state);
  }
}
