import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { oneStep } from '../pipelines.ts';
import type { Bench, Measurement, Result, Row } from '../row.ts';
import { alternate, timed } from '../sampling.ts';

const NETWORKS = ['bridge', 'none'] as const;
type Network = (typeof NETWORKS)[number];

export const freshContainer = {
  number: 2,
  title: 'A step in a fresh container',
  explanation: `The same build, with no pool, on a Docker Engine of its own: each job's container is made when the job comes. The floor
is what the engine needs by itself to create, start, wait for and remove a container that runs \`true\`, over the same HTTP API.
Footman's container is removed after the job's end; the next sample waits for that.`,
  peers: 'Buildbot 3.7 in a fresh container: 896 ms. gitlab-ci-local 4.75 in a container: 1,338 ms.',
  measure,
} satisfies Row;

async function measure(bench: Bench): Promise<Result[]> {
  const missing = dockerMissing();
  if (missing !== undefined) return NETWORKS.map((network) => ({ name: nameOf(network), skipped: missing }));
  const engine = await startEngine();
  try {
    return await measureOn(engine, bench);
  } finally {
    await engine.stop();
  }
}

async function measureOn(engine: TestEngine, { quick, startController }: Bench): Promise<Measurement[]> {
  const image = await engine.image('busybox');
  await using controller = await startController(dockerCloud(engine.host, image));
  const measurements: Measurement[] = [];
  for (const network of NETWORKS) {
    const { subject, floor } = await alternate(
      { warmUp: 2, samples: quick ? 3 : 12 },
      {
        async subject() {
          const { ms } = await controller.run(oneStep(network, 'true'));
          await controller.ready(0);
          return ms;
        },
        floor: () => timed(() => runContainer(engine, image, network)),
      },
    );
    measurements.push({
      name: nameOf(network),
      unit: 'ms',
      subject,
      floor: { what: 'create, start, wait, remove', samples: floor },
      target: { kind: 'ratio-below', value: 1.3 },
    });
  }
  return measurements;
}

async function runContainer({ docker }: TestEngine, image: string, network: Network): Promise<void> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['true'],
    HostConfig: { NetworkMode: network },
  });
  await container.start();
  await container.wait();
  await container.remove();
}

function dockerCloud(host: string, image: string): string {
  const templates = NETWORKS.map(
    (network) => `${network}: { labels: ${network}, image: '${image}', pull: never, network: ${network} }`,
  );
  return `{ docker: { kind: docker, host: '${host}', templates: { ${templates.join(', ')} } } }`;
}

function nameOf(network: Network): string {
  return `\`true\` in a fresh container, ${network === 'none' ? 'no network' : 'with a bridge'}`;
}
