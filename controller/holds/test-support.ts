import { finishJob, moveJob, sentByHand, submitBuild, type Submission } from '#controller/builds';
import type { HoldSettings } from '#controller/config';
import { createJournal, type Journal } from '#controller/events';
import { grantLease } from '#controller/leases';
import {
  findJobByKey,
  findNode,
  holdOfNode,
  insertNode,
  keysOfHold,
  listAudit,
  openStore,
  patchHold,
  patchJob,
  type Build,
  type Hold,
  type HoldKey,
  type HoldWish,
  type Job,
  type Node,
  type Result,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { createHandClock, type HandClock } from '../clock/test-support.ts';
import { readyNode } from '../gateway/test-support.ts';

/** Who does something. */
export const ALICE = { actor: 'alice', isAdmin: false };
export const BOB = { actor: 'bob', isAdmin: false };
export const ADMIN = { actor: 'root', isAdmin: true };

/** A wish that says nothing of how. */
export const PLAIN = { forMs: null, reason: null, keys: [] };

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Three that ssh-keygen made; nobody has their other halves. */
export const KEYS = {
  alice: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJrSmuybOpgrG+gt4Gy6cXG/0/ELs44q3+pxUDsQujzZ alice@laptop',
  bob: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPmo6CszOtj4VY9oJ6JSI3H2l23Kpa9rQkuNHXEX/lWn bob@desk',
  carol: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINDeeW8GZhonZS4WIuWNUggayMlGLKHEBlowv/p1ANaw carol',
} as const;

export const SETTINGS: HoldSettings = {
  default: 4 * HOUR,
  maximum: 24 * HOUR,
  perUser: 3,
  perTemplate: 5,
  remindBefore: 30 * MINUTE,
  extendOnUse: HOUR,
  keepSnapshots: 14 * 24 * HOUR,
  webhook: null,
};

/** Where a job runs, who wants its node, and how it ends. */
export interface Ending {
  job?: string;
  wish?: Partial<HoldWish> | null;
  node?: Partial<Node>;
  result?: Result;
}

/** Jobs that end, and nodes that are held or not; the test plays all others. */
export interface HoldsFixture extends AsyncDisposable {
  store: Store;
  journal: Journal;
  clock: HandClock;
  submit(pipeline?: string, change?: Partial<Submission>): Promise<Build>;
  job(build: Build, key: string): Promise<Job>;
  /** The job gets a node and runs. */
  run(build: Build, ending?: Ending): Promise<{ job: Job; node: Node }>;
  /** It ends as well, and its node is held or goes. */
  end(build: Build, ending?: Ending): Promise<{ node: Node; hold: Hold | undefined }>;
  /** A job of a build of its own, whose node is held. */
  held(ending?: Ending): Promise<Hold>;
  /** As the keeper leaves it. */
  admit(hold: Hold): Promise<Hold>;
  /** The keys that it has now, as lines. */
  keyLines(hold: Hold): Promise<string[]>;
  /** Who did what to it, newest first, with the fingerprint of the key in question. */
  audited(subject: string): Promise<unknown[]>;
}

const PIPELINE = 'name: nightly\njobs: { test: { runs-on: linux, steps: [{ run: make check }] } }';

export async function openHolds(given?: Store): Promise<HoldsFixture> {
  const clock = createHandClock();
  const store = given ?? (await openStore({ kind: 'sqlite', file: ':memory:' }));
  const journal = createJournal({ store, clock });
  const fixture: HoldsFixture = {
    store,
    journal,
    clock,
    async submit(source = PIPELINE, change = {}) {
      const parsed = parsePipeline(source, 'test.yaml');
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml', actor: 'alice' });
      return submitBuild(journal, { ...submission, ...change }, { queueTimeoutMs: HOUR });
    },
    async job(build, key) {
      const found = await findJobByKey(store.db, build.id, key);
      if (found === undefined) throw new Error(`there is no job ${key}`);
      return found;
    },
    async run(build, { job: key = 'test', node: set = {} } = {}) {
      const job = await fixture.job(build, key);
      const node = { ...readyNode(clock.now()), ...set };
      await insertNode(store.db, node);
      await journal.commit(async (tx) => {
        const leased = await moveJob(tx, job.id, ['queued'], 'leased');
        if (leased === undefined) throw new Error(`job ${key} does not wait for a node`);
        await grantLease(tx, leased, [{ nodeId: node.id, role: 'main' }]);
        await moveJob(tx, job.id, ['leased'], 'running', { started_at: tx.at });
      });
      return { job, node };
    },
    async end(build, ending = {}) {
      const { job, node } = await fixture.run(build, ending);
      const { wish = {}, result = 'failure' } = ending;
      await journal.commit(async (tx) => {
        if (wish !== null) await patchJob(tx.db, job.id, ['running'], { hold: wishOf(wish) });
        await finishJob(tx, job.id, { result, reason: null, from: ['running'] });
      });
      const after = await findNode(store.db, node.id);
      if (after === undefined) throw new Error('the node has no row any more');
      return { node: after, hold: await holdOfNode(store.db, node.id) };
    },
    async held(ending) {
      const { hold } = await fixture.end(await fixture.submit(), ending);
      if (hold === undefined) throw new Error('the node is not held');
      return hold;
    },
    async admit(hold) {
      const times = { expires_at: hold.created_at + 4 * HOUR, latest_at: hold.created_at + 24 * HOUR };
      return (await patchHold(store.db, hold.id, { admitted: 1, ...times })) ?? hold;
    },
    async keyLines(hold) {
      const standing = (await keysOfHold(store.db, hold.id)).filter((key) => key.revoked_at === null);
      return standing.map(({ key, comment }) => `${key} ${comment}`);
    },
    async audited(subject) {
      const entries = await listAudit(store.db, { subject, limit: 100 });
      return entries.map(({ actor, action, data }) => [actor, action, data['fingerprint']]);
    },
    async [Symbol.asyncDispose]() {
      if (given === undefined) await store.close();
    },
  };
  return fixture;
}

function wishOf(wish: Partial<HoldWish>): HoldWish {
  return { on: 'end', origin: 'request', owner: 'alice', reason: null, forMs: null, keys: [], ...wish };
}

/** The one that was added, where only one was asked for. */
export async function firstKey(keys: Promise<HoldKey[]>): Promise<HoldKey> {
  const [key] = await keys;
  if (key === undefined) throw new Error('no key was added');
  return key;
}
