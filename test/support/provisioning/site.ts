import { sentByHand, submitIn } from '#controller/builds';
import type { OpenCloud } from '#controller/fleet';
import { jobsOfBuild, openStore, type Store } from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { createVirtualClock } from '#simulator/clock';
import { createAgents, type Work } from './agents.ts';
import type { Fates } from './fates.ts';
import { startLife, type Life } from './life.ts';
import { createProvider, type Provider } from './provider.ts';
import { watchStore } from './watched-store.ts';

/** A controller's provisioning, over a real store, with providers, agents and time in the test's hand; it can die and start again. */
export interface Site extends AsyncDisposable {
  store: Store;
  providers: readonly Provider[];
  /** Nodes that somebody holds. */
  held: ReadonlySet<string>;
  /** Promises that were broken, as sentences. */
  violations: string[];
  now(): number;
  life(): Life | undefined;
  /** Sends a job when its time comes, or as soon as a controller is there. */
  submit(job: PlannedJob): void;
  /** When all clouds do well and a controller is there to see it, as far as is known by now, in milliseconds since the epoch. */
  calmAt(): number;
  /** Jobs that were not sent yet. */
  toCome(): number;
  /** Lets one instant pass, and all that follows from it; false when nothing is to come. */
  step(): Promise<boolean>;
  /** Lets time pass until that is so. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
}

/** Times in milliseconds, from the beginning. */
export interface PlannedJob extends Work {
  at: number;
  runsOn: string;
  priority: number;
}

/** A cloud as configured, and what becomes of its calls. */
export interface ScriptedCloud extends Omit<OpenCloud, 'cloud'> {
  fates: Fates;
}

export interface SiteSettings {
  clouds: readonly ScriptedCloud[];
  /** Its deaths, one after the other: after so many commits, and how long until it is started again. */
  deaths?: readonly { commits: number; downMs: number }[];
}

const START_MS = Date.UTC(2026, 0, 1);
const QUEUE_TIMEOUT_MS = 24 * 60 * 60_000;
/** Whoever sends a job to a controller that is away tries again. */
const RETRY_MS = 5_000;

export async function openSite({ clouds, deaths = [] }: SiteSettings): Promise<Site> {
  const clock = createVirtualClock(START_MS);
  const store = watchStore(await openStore({ kind: 'sqlite', file: ':memory:' }));
  const violations: string[] = [];
  const violation = (sentence: string): void => void violations.push(sentence);
  const held = new Set<string>();
  const works = new Map<string, Work>();
  const left = [...deaths];
  let life: Life | undefined;
  let startedAt = START_MS;
  let toCome = 0;

  const agents = createAgents({
    clock,
    workOf: (job) => works.get(job) ?? { durationMs: 1_000, isHeld: false },
    violation,
    held,
    async vanish({ nodeId }) {
      if (held.has(nodeId)) return;
      for (const provider of providers) provider.vanish(nodeId);
      await agents.kill(nodeId);
    },
  });
  const providers = clouds.map(({ name, fates }) =>
    createProvider({
      name,
      clock,
      fates,
      violation,
      isHeld: (id) => held.has(id),
      onCreated: agents.boot,
    }),
  );
  await start();
  await store.still();

  return {
    store,
    providers,
    held,
    violations,
    now: clock.now,
    life: () => life,
    submit(job) {
      toCome += 1;
      clock.after(job.at, () => void send(job));
    },
    calmAt: () =>
      life === undefined ? Infinity : Math.max(startedAt, ...providers.map((provider) => provider.calmAt())),
    toCome: () => toCome,
    step,
    async until(holds) {
      while (!(await holds())) if (!(await step())) throw new Error('nothing is to come any more');
    },
    async [Symbol.asyncDispose]() {
      life?.die();
      await store.close();
    },
  };

  async function step(): Promise<boolean> {
    let passed = 0;
    await clock.run(() => passed++ > 0);
    await store.still();
    return passed > 0;
  }

  async function start(): Promise<void> {
    const death = left.shift();
    const started = await startLife({
      store,
      clock,
      commits: death?.commits ?? Infinity,
      clouds: (ofLife) =>
        clouds.map((cloud, index) => Object.assign({}, cloud, { cloud: connect(index, ofLife) })),
      onDeath() {
        life = undefined;
        agents.cut();
        clock.after(death?.downMs ?? 0, () => void start());
      },
    });
    // It may die of its very first commits.
    if (!started.isAlive()) return;
    life = started;
    startedAt = clock.now();
    await agents.welcome(started);
  }

  function connect(index: number, ofLife: { isAlive(): boolean }) {
    const provider = providers[index];
    if (provider === undefined) throw new Error(`there is no provider ${index}`);
    return provider.connect(ofLife);
  }

  async function send(job: PlannedJob): Promise<void> {
    if (life === undefined) {
      clock.after(RETRY_MS, () => void send(job));
      return;
    }
    toCome -= 1;
    const { runsOn, priority } = job;
    const yaml = `jobs: { a: { runs-on: ${JSON.stringify(runsOn)}, priority: ${priority}, steps: [{ run: "true" }] } }`;
    const parsed = parsePipeline(yaml, 'a.yaml', {});
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const submission = sentByHand({ pipeline: parsed.pipeline, file: 'a.yaml' });
    await life.journal.commit(async (tx) => {
      const build = await submitIn(tx, submission, { queueTimeoutMs: QUEUE_TIMEOUT_MS });
      for (const { id } of await jobsOfBuild(tx.db, build.id)) works.set(id, job);
    });
  }
}
