import { oneStep, processCloud } from '../pipelines.ts';
import type { Bench, Measurement, Row } from '../row.ts';
import { alternate, timed } from '../sampling.ts';
import { spawned } from '../system/spawned.ts';

export const readyNode = {
  number: 1,
  title: 'A step on a ready node',
  explanation: `A build with one job whose only step is \`true\`, on a node of a pool (\`min-ready: 1\`) that is ready: from just before
\`POST /builds\` until the event \`build finished\` reaches the client. Once with \`max-nodes: 1\`, so that the pool's next node is started when
the used one is gone; once without, so that it is started as soon as the job has taken its node, on the cores that run the step.`,
  peers: 'Buildbot 3.7 on a connected worker: 197 ms. gitlab-ci-local 4.75, without a controller: 495 ms.',
  measure,
} satisfies Row;

async function measure(bench: Bench): Promise<Measurement[]> {
  // A pool that is as large as its cloud starts no node before the last one is gone.
  const alone = await measurePool(bench, processCloud({ minReady: 1, maxNodes: 1 }));
  const refilling = await measurePool(bench, processCloud({ minReady: 1 }));
  return [
    { name: '`true` on a ready node, trigger → finished', ...alone },
    { name: '… while the pool starts the next node', ...refilling },
  ];
}

async function measurePool(
  { quick, startController }: Bench,
  clouds: string,
): Promise<Omit<Measurement, 'name'>> {
  await using controller = await startController(clouds);
  const { subject, floor } = await alternate(
    { warmUp: 10, samples: quick ? 10 : 40 },
    {
      async subject() {
        await controller.ready(1);
        return (await controller.run(oneStep('host', 'true'))).ms;
      },
      async floor() {
        await controller.ready(1);
        return timed(() => spawned('sh', ['-c', 'true']));
      },
    },
  );
  return {
    unit: 'ms',
    subject,
    floor: { what: '`sh -c true`', samples: floor },
    target: { kind: 'below', value: 10 },
  };
}
