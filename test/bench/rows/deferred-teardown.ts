import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import type { BenchController } from '../controller/controller.ts';
import type { Bench, Measurement, Result, Row } from '../row.ts';
import { inLanes, timed } from '../sampling.ts';

const WIDTH = 4;
/** What each job does, and each of the floor's containers. */
const WORK = 'sleep 0.2';

const ROUNDS = 3;
/** On a slow machine there are fewer: none begins so long after the first one. */
const LAST_ROUND_MS = 45_000;

const TITLE = 'Teardown that is put off';

export const deferredTeardown = {
  number: 9,
  title: TITLE,
  explanation: `A build of 40 jobs (a matrix, \`max-parallel: 4\`), each \`${WORK}\` in a fresh container without network, on a Docker Engine of its
own: from just before \`POST /builds\` until \`build finished\` is here. Once by a controller with the default \`teardown\`: used containers are
stopped and wait to be removed, many at a time, when there are too many of them or the machine is idle. Once by one that removes each before
the next is made (\`max-nodes: 4\`, \`max-stopped: 0\`, \`at-once: 1\`). Both run on the same engine, in turns; after each build all its
containers are removed before the next one begins. The floors are the engine's own create, start and wait for as many containers that do the
same work, four at a time, without and with their removal. The last line is the share of the wall time, of one round, that removing later saves.`,
  measure,
} satisfies Row;

async function measure(bench: Bench): Promise<Result[]> {
  const missing = dockerMissing();
  if (missing !== undefined) return [{ name: TITLE, skipped: missing }];
  const engine = await startEngine();
  try {
    return await measureOn(engine, bench);
  } finally {
    await engine.stop();
  }
}

/** Wall times of one round, in milliseconds. */
interface Round {
  deferred: number;
  inline: number;
  bareDeferred: number;
  bareInline: number;
}

async function measureOn(engine: TestEngine, { quick, startController }: Bench): Promise<Measurement[]> {
  const jobs = quick ? 12 : 40;
  const image = await engine.image('busybox');
  await using later = await startController(dockerCloud(engine.host, image), { teardown: '{}' });
  await using inline = await startController(dockerCloud(engine.host, image, WIDTH), {
    teardown: '{ max-stopped: 0, at-once: 1 }',
  });
  for (const controller of [later, inline]) await runSuite(controller, WIDTH);

  const rounds: Round[] = [];
  const begun = performance.now();
  while (rounds.length < (quick ? 1 : ROUNDS) && performance.now() - begun < LAST_ROUND_MS) {
    rounds.push({
      deferred: await runSuite(later, jobs),
      inline: await runSuite(inline, jobs),
      bareDeferred: await runBare(engine, image, { jobs, isRemoved: false }),
      bareInline: await runBare(engine, image, { jobs, isRemoved: true }),
    });
  }
  return report(jobs, rounds);
}

/** Returns its wall time; the next may begin. */
async function runSuite(controller: BenchController, jobs: number): Promise<number> {
  const { ms } = await controller.run(suite(jobs));
  await controller.ready(0);
  return ms;
}

async function runBare(
  { docker }: TestEngine,
  image: string,
  { jobs, isRemoved }: { jobs: number; isRemoved: boolean },
): Promise<number> {
  const left: (() => Promise<unknown>)[] = [];
  const ms = await timed(() =>
    inLanes(jobs, WIDTH, async () => {
      const container = await docker.createContainer({
        Image: image,
        Cmd: ['sh', '-c', WORK],
        HostConfig: { NetworkMode: 'none' },
      });
      await container.start();
      await container.wait();
      if (isRemoved) await container.remove();
      else left.push(() => container.remove());
    }),
  );
  await Promise.all(left.map((remove) => remove()));
  return ms;
}

function report(jobs: number, rounds: readonly Round[]): Measurement[] {
  return [
    {
      name: `${jobs} jobs in fresh containers, ${WIDTH} at a time, removed later`,
      unit: 'ms',
      subject: rounds.map(({ deferred }) => deferred),
      floor: { what: 'create, start, wait', samples: rounds.map(({ bareDeferred }) => bareDeferred) },
      target: { kind: 'ratio-below', value: 1.5 },
    },
    {
      name: '… each removed before the next',
      unit: 'ms',
      subject: rounds.map(({ inline }) => inline),
      floor: { what: 'create, start, wait, remove', samples: rounds.map(({ bareInline }) => bareInline) },
      target: null,
    },
    {
      name: '… wall time that removing later saves',
      unit: '%',
      subject: rounds.map(({ deferred, inline }) => saved(deferred, inline)),
      floor: {
        what: 'of the engine alone',
        samples: rounds.map(({ bareDeferred, bareInline }) => saved(bareDeferred, bareInline)),
      },
      target: { kind: 'above', value: 0 },
    },
  ];
}

/** In hundredths of the longer time. */
function saved(deferredMs: number, inlineMs: number): number {
  return (1 - deferredMs / inlineMs) * 100;
}

function suite(jobs: number): string {
  const cells = Array.from({ length: jobs }, (_, index) => index).join(', ');
  const matrix = `{ n: [${cells}], max-parallel: ${WIDTH} }`;
  return `jobs: { job: { runs-on: box, matrix: ${matrix}, steps: [{ run: ${WORK} }] } }\n`;
}

function dockerCloud(host: string, image: string, maxNodes?: number): string {
  const template = `{ labels: box, image: '${image}', pull: never, network: none }`;
  const limit = maxNodes === undefined ? '' : `max-nodes: ${maxNodes}, `;
  return `{ docker: { kind: docker, host: '${host}', ${limit}templates: { box: ${template} } } }`;
}
