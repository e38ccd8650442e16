import { oneStep, processCloud } from '../pipelines.ts';
import type { Bench, Measurement, Row } from '../row.ts';
import { alternate, inLanes, timed } from '../sampling.ts';
import { spawned } from '../system/spawned.ts';

const WIDTH = 4;
const MINUTE_MS = 60_000;

export const throughput = {
  number: 3,
  title: 'Many small jobs',
  explanation: `200 builds with one job of one \`true\` each, four at a time; the next is triggered when one has finished. Each job gets a
node of its own, a fresh agent process that is started when the job comes and removed after it; nothing is started ahead. The floor
starts what each job can't do without: the agent's bare runtime (\`node -e 0\`) and a shell, one after the other, four at a time.`,
  peers: 'Buildbot 3.7 with four workers that are reused: 339 a minute.',
  measure,
} satisfies Row;

async function measure({ quick, startController }: Bench): Promise<Measurement[]> {
  const jobs = quick ? 40 : 200;
  // Nodes that are being removed count, too.
  await using controller = await startController(processCloud({ maxNodes: 2 * WIDTH }));
  await inLanes(20, WIDTH, runJob);
  await controller.ready(0);
  const { subject, floor } = await alternate(
    { warmUp: 0, samples: quick ? 1 : 3 },
    {
      async subject() {
        const perMinute = await rate(jobs, runJob);
        await controller.ready(0);
        return perMinute;
      },
      floor: () => rate(jobs, runBare),
    },
  );
  return [
    {
      name: `${jobs} jobs, ${WIDTH} at a time, each on its own fresh node`,
      unit: '/min',
      subject,
      floor: { what: '`node -e 0`, then `sh -c true`', samples: floor },
      target: { kind: 'above', value: 2000 },
    },
  ];

  function runJob(): Promise<unknown> {
    return controller.run(oneStep('host', 'true'));
  }
}

async function runBare(): Promise<void> {
  await spawned(process.execPath, ['-e', '0']);
  await spawned('sh', ['-c', 'true']);
}

async function rate(count: number, task: () => Promise<unknown>): Promise<number> {
  return (count / (await timed(() => inLanes(count, WIDTH, task)))) * MINUTE_MS;
}
