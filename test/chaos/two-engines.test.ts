import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CloudList, NodeList, Waiting } from '#controller/api';
import type { BuildView, EventView } from '#test/api-client';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';

/** Two engines as two clouds; `alpha`, which is preferred, goes away in the middle of a suite of 40 jobs. */

const BEFORE_THE_HALT = 12;
const HELD = 2;
/** For one suite on a busy machine, in milliseconds; it takes half a minute. */
const PATIENCE_MS = 180_000;

optionalService('Docker Engine', dockerMissing())('an engine goes away in the middle of a suite', () => {
  let alpha: TestEngine;
  let beta: TestEngine;
  let controller: EmbeddedController;
  /** Mounted by every node: what ran leaves a line in `runs`, and does not end while there is `hold`. */
  let marks: string;

  beforeEach(async () => {
    marks = await mkdtemp(join(tmpdir(), 'footman-marks-'));
  });

  afterEach(async () => {
    await controller.dispose();
    await Promise.all([alpha.stop(), beta.stop()]);
    await rm(marks, { recursive: true, force: true });
  });

  test(
    'its containers go on: no job is lost or run again, and the other engine takes the rest at once',
    async () => {
      await start({ alphaArguments: ['--live-restore'] });
      const { id } = await controller.api.submit(suite());
      await jobsOnAlpha();
      await alpha.halt();
      const haltedAt = Date.now();
      await letGo();
      const build = await controller.api.finished(id);
      expect(resultsOf(build)).toEqual(Array.from({ length: 40 }, () => [1, 'success']));
      const ran = await runs();
      expect(ran.map(({ job }) => job).toSorted()).toEqual(build.jobs.map(({ key }) => key).toSorted());
      await expectOneJobPerNode();
      const { nodes } = await controller.api.get<NodeList>('/nodes?all=true');
      // A node that was ready by then may get a job of it yet: its container goes on.
      const later = nodes.filter(({ createdAt, leasedAt }) => createdAt > haltedAt && leasedAt !== null);
      expect(later.length).toBeGreaterThan(10);
      expect(new Set(later.map(({ cloud }) => cloud))).toEqual(new Set(['beta']));
      // The sick engine is hardly asked any more, and jobs know why.
      expect(nodes.filter(({ failure }) => failure !== null).length).toBeLessThan(15);
      expect(await declinesOf(build)).toContain('alpha breaker');

      const late = await controller.api.submit('jobs: { a: { runs-on: alpha, steps: [{ run: "true" }] } }');
      const [job] = (await controller.api.build(late.id)).jobs;
      await controller.api.event(({ kind, jobId }) => kind === 'request' && jobId === job?.id);
      await alpha.resume();
      expect(await controller.api.finished(late.id)).toMatchObject({ result: 'success' });
      await expectNothingLeft();
    },
    PATIENCE_MS,
  );

  test(
    'its containers die with it: their jobs run again elsewhere, each attempt once (I1, I3)',
    async () => {
      await start({ alphaArguments: [] });
      const { id } = await controller.api.submit(suite('retry: { max: 2, on: errored }'));
      await jobsOnAlpha();
      await alpha.halt();
      await letGo();
      const build = await controller.api.finished(id);
      expect(build.result).toBe('success');
      const results = resultsOf(build);
      expect(results.filter(([, result]) => result === 'success')).toHaveLength(40);
      const lost = results.filter(([, result]) => result !== 'success');
      expect(lost.length).toBeGreaterThanOrEqual(HELD);
      expect(new Set(lost.map(([, result]) => result))).toEqual(new Set(['errored']));
      await expectOneJobPerNode();
      await alpha.resume();
      await expectNothingLeft();
    },
    PATIENCE_MS,
  );

  test(
    'with nodes on their way: no job waits for one that may never come',
    async () => {
      await start({ alphaArguments: ['--live-restore'] });
      const { id } = await controller.api.submit(suite('retry: { max: 2, on: errored }'));
      let accepted = 0;
      await controller.api.event(
        ({ kind, data }) =>
          kind === 'node' && data.state === 'connecting' && data['cloud'] === 'alpha' && ++accepted === 3,
      );
      await alpha.halt();
      // The engine is still away.
      expect((await controller.api.finished(id)).result).toBe('success');
      await expectOneJobPerNode();
      await alpha.resume();
      await expectNothingLeft();
    },
    PATIENCE_MS,
  );

  async function start({ alphaArguments }: { alphaArguments: string[] }): Promise<void> {
    [alpha, beta] = await Promise.all([startEngine({ arguments: alphaArguments }), startEngine()]);
    const image = await alpha.image('busybox');
    await beta.image('busybox');
    const template = (labels: string) =>
      `{ labels: ${labels}, image: '${image}', pull: never, network: none, mounts: [{ source: ${marks}, target: /marks, read-only: false }]`;
    controller = await startEmbeddedController(`
timeouts: { agent-lost: 2s }
sweep: { interval: 2s }
clouds:
  alpha:
    kind: docker
    host: ${alpha.host}
    templates: { busybox: ${template('linux alpha')}, weight: 200 } }
  beta:
    kind: docker
    host: ${beta.host}
    templates: { busybox: ${template('linux beta')} } }
`);
  }

  /** Resolves once some jobs have ended, and those that run on alpha now don't end before they are let go. */
  async function jobsOnAlpha(): Promise<void> {
    let ended = 0;
    await controller.api.event(
      ({ kind, data }) => kind === 'job' && data.state === 'finished' && ++ended === BEFORE_THE_HALT,
    );
    await writeFile(join(marks, 'hold'), '');
    const heldSince = Date.now();
    const held = new Set<string>();
    await controller.api.event((event) => {
      if (isLeaseOnAlpha(event) && event.at > heldSince) held.add(event.data.id);
      return held.size === HELD;
    });
  }

  async function letGo(): Promise<void> {
    await rm(join(marks, 'hold'));
  }

  async function runs(): Promise<{ job: string; attempt: string; node: string }[]> {
    const lines = (await readFile(join(marks, 'runs'), 'utf8')).trimEnd().split('\n');
    return lines.map((line) => {
      const [job = '', attempt = '', node = ''] = line.split(';');
      return { job, attempt, node };
    });
  }

  /** What the steps themselves saw: no node served twice, no attempt ran twice. */
  async function expectOneJobPerNode(): Promise<void> {
    const ran = await runs();
    expect(new Set(ran.map(({ node }) => node)).size).toBe(ran.length);
    expect(new Set(ran.map(({ job, attempt }) => `${job};${attempt}`)).size).toBe(ran.length);
  }

  /** Codes with which clouds have declined the build's jobs last. */
  async function declinesOf({ jobs }: BuildView): Promise<Set<string>> {
    const answers = await Promise.all(
      jobs.map(({ id }) => controller.api.get<Waiting>(`/jobs/${id}/waiting`)),
    );
    const declines = answers.flatMap(({ requests }) => requests.flatMap((request) => request.declines));
    return new Set(declines.map(({ cloud, code }) => `${cloud} ${code}`));
  }

  async function expectNothingLeft(): Promise<void> {
    await controller.api.drained();
    const { clouds } = await controller.api.get<CloudList>('/clouds');
    expect(clouds.map(({ problem }) => problem)).toEqual([null, null]);
    for (const { docker } of [alpha, beta]) {
      expect(await docker.listContainers({ all: true })).toEqual([]);
      const ours = { filters: { label: ['footman.node'] } };
      expect((await docker.listVolumes(ours)).Volumes).toEqual([]);
      expect(await docker.listNetworks(ours)).toEqual([]);
    }
  }
});

/** 32 jobs go anywhere, 8 keep the other engine busy all the time. */
function suite(more = ''): string {
  const steps = `steps:
      - run: |
          echo "$FOOTMAN_JOB;$FOOTMAN_ATTEMPT;$FOOTMAN_NODE_ID" >> /marks/runs
          while [ -e /marks/hold ]; do sleep 0.1; done`;
  const job = (cells: number, runsOn: string, parallel: number) => `
    runs-on: ${runsOn}
    matrix: { cell: [${Array.from({ length: cells }, (_, cell) => cell).join(', ')}], max-parallel: ${parallel}, fail-fast: false }
    ${more}
    ${steps}`;
  return `jobs:
  anywhere: ${job(32, 'linux', 5)}
  pinned: ${job(8, 'beta', 2)}
`;
}

function resultsOf({ jobs }: BuildView): [number, string | null][] {
  return jobs.map(({ attempt, result }) => [attempt, result]);
}

function isLeaseOnAlpha({ kind, data }: EventView): boolean {
  return kind === 'node' && data.state === 'leased' && data['cloud'] === 'alpha';
}
