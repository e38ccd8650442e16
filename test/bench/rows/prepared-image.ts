import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import type { BenchController } from '../controller/controller.ts';
import type { Bench, Measurement, Result, Row } from '../row.ts';
import { timed } from '../sampling.ts';

const FIRST = 'a job that installs Ceph: the first, which prepares the image';
const LATER = '… a later one, which starts from it';
const OVERHEAD = '… what a later one takes beyond the bare container';
const PACKAGES = 'ceph-common';
const LOOK = 'ceph --version';

export const preparedImage = {
  number: 12,
  title: 'A job that starts from a prepared image',
  explanation: `A job with \`prepare\` that installs \`${PACKAGES}\` from Debian's packages in a container and then runs \`${LOOK}\`. The first run makes the image, by a
build of its own; a later one starts from it. The floor is \`docker run\` of the very image, with the same command, and for the first run the installation in a bare container.
Containers reach Debian's packages over the network.`,
  measure,
} satisfies Row;

async function measure(bench: Bench): Promise<Result[]> {
  const missing = dockerMissing();
  if (missing !== undefined) return [FIRST, LATER, OVERHEAD].map((name) => ({ name, skipped: missing }));
  const engine = await startEngine();
  try {
    return await measureOn(engine, bench);
  } finally {
    await engine.stop();
  }
}

async function measureOn(engine: TestEngine, { quick, startController }: Bench): Promise<Measurement[]> {
  const image = await engine.image('debian');
  await using controller = await startController(
    `{ docker: { kind: docker, host: '${engine.host}', templates: { debian: { labels: debian, image: '${image}', pull: never } } } }`,
  );
  const first = await runOn(controller);
  const bareFirst = await timed(() => runContainer(engine, image, `${install()} && ${LOOK}`));
  const prepared = await preparedOf(engine);
  const [later, floor, overhead]: [number[], number[], number[]] = [[], [], []];
  for (let turn = 0; turn < (quick ? 2 : 8); turn++) {
    const [own, bare] = [await runOn(controller), await timed(() => runContainer(engine, prepared, LOOK))];
    later.push(own);
    floor.push(bare);
    overhead.push(own - bare);
  }
  return [
    {
      name: FIRST,
      unit: 'ms',
      subject: [first],
      floor: { what: 'the installation in a bare container', samples: [bareFirst] },
      target: { kind: 'ratio-below', value: 1.5 },
    },
    {
      name: LATER,
      unit: 'ms',
      subject: later,
      floor: { what: '`docker run` of the image', samples: floor },
      target: { kind: 'ratio-below', value: 2 },
    },
    { name: OVERHEAD, unit: 'ms', subject: overhead, floor: null, target: { kind: 'below', value: 1000 } },
  ];
}

function install(): string {
  return `apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${PACKAGES} >/dev/null`;
}

async function runOn(controller: BenchController): Promise<number> {
  const { ms } = await controller.run(`
name: ceph
jobs:
  version:
    runs-on: debian
    prepare: { key: ceph, steps: [{ run: ${JSON.stringify(install())} }] }
    steps: [{ run: ${LOOK} }]
`);
  await controller.ready(0);
  return ms;
}

/** The image that the controller has made: the only one on the engine that it has named. */
async function preparedOf({ docker }: TestEngine): Promise<string> {
  const images = await docker.listImages();
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
  const made = tags.find((tag) => tag.includes('prepared-'));
  if (made === undefined) throw new Error('no image was prepared');
  return made;
}

async function runContainer({ docker }: TestEngine, image: string, script: string): Promise<void> {
  const container = await docker.createContainer({ Image: image, Entrypoint: [], Cmd: ['sh', '-c', script] });
  await container.start();
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  await container.remove();
  if (StatusCode !== 0) throw new Error(`the container ended with exit code ${StatusCode}`);
}
