import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { vmImage, vmMissing } from '#test/vm-image';
import type { BenchController } from '../controller/controller.ts';
import type { Bench, Measurement, Result, Row } from '../row.ts';
import { timed } from '../sampling.ts';
import { bootBare } from '../system/bare-machine.ts';
import { phasesOf, type Phases } from '../system/phases.ts';

const PACKAGES = 'ceph-common';
const LOOK = 'ceph --version';
const MEMORY_MIB = 1024;
/** Without KVM an installation takes minutes. */
const PATIENCE_MS = 1_500_000;

/** What the nodes are, and what the same takes without Footman. */
interface Ground {
  what: string;
  clouds: string;
  sudo: string;
  /** The later job by hand. */
  floor: { what: string; run(controller: BenchController): Promise<unknown> };
  /** The first by hand; it is not measured where that says nothing. */
  install?: () => Promise<unknown>;
  target: Measurement['target'];
}

export const preparedImage = {
  number: 12,
  title: 'A job that starts from a prepared image',
  explanation: `A job with \`prepare\` that installs \`${PACKAGES}\` from Debian's packages, and then runs \`${LOOK}\`. The first makes the image, by a build of its
own; later ones start from it. The floor is \`docker run\` of that very image with the same command; of a machine, QEMU by itself with that image until its SSH server
speaks, without KVM and without fast start on either side. The phases are those that the controller's own times tell.`,
  measure,
} satisfies Row;

async function measure(bench: Bench): Promise<Result[]> {
  return [...(await inContainers(bench)), ...(await inMachines(bench))];
}

async function inContainers(bench: Bench): Promise<Result[]> {
  const missing = dockerMissing();
  if (missing !== undefined) return [{ name: nameOf('a container', 'first'), skipped: missing }];
  const engine = await startEngine({ network: true });
  try {
    const image = await engine.image('debian');
    const template = `{ labels: node, image: '${image}', pull: never }`;
    return await measureOn(bench, bench.quick ? 2 : 8, {
      what: 'a container',
      clouds: `{ docker: { kind: docker, host: '${engine.host}', templates: { debian: ${template} } } }`,
      sudo: '',
      floor: {
        what: '`docker run` of the image',
        run: async () => runContainer(engine, await preparedOf(engine), LOOK),
      },
      install: () => runContainer(engine, image, `${install('')} && ${LOOK}`),
      target: { kind: 'ratio-below', value: 2 },
    });
  } finally {
    await engine.stop();
  }
}

async function inMachines(bench: Bench): Promise<Result[]> {
  const missing = vmMissing();
  if (missing !== undefined) return [{ name: nameOf('a virtual machine', 'first'), skipped: missing }];
  const template = `{ labels: node, image: '${await vmImage()}', cpus: 1, memory: ${MEMORY_MIB}MiB, disk: 8GiB, restrict: false }`;
  return measureOn(bench, bench.quick ? 1 : 3, {
    what: 'a virtual machine',
    clouds: `{ vms: { kind: qemu, accelerator: tcg, templates: { debian: ${template} } } }`,
    sudo: 'sudo ',
    floor: {
      what: 'QEMU alone, until SSH speaks',
      run: async ({ data }) => bootBare(await capturedIn(data), bench.folder, MEMORY_MIB),
    },
    target: { kind: 'ratio-below', value: 1.5 },
  });
}

async function measureOn(bench: Bench, samples: number, ground: Ground): Promise<Measurement[]> {
  const { what, clouds, sudo, floor, install: byHand, target } = ground;
  await using controller = await bench.startController(clouds);
  const pipeline = pipelineOf(sudo);
  const first = await controller.run(pipeline, PATIENCE_MS);
  await controller.ready(0);
  const preparation = await phasesOf(controller.client, await preparationIn(controller));
  const installed = byHand === undefined ? [] : [await timed(byHand)];
  const [later, bare, phases]: [number[], number[], Phases[]] = [[], [], []];
  for (let turn = 0; turn < samples; turn++) {
    const { id, ms } = await controller.run(pipeline, PATIENCE_MS);
    await controller.ready(0);
    later.push(ms);
    phases.push(await phasesOf(controller.client, id));
    bare.push(await timed(() => floor.run(controller)));
  }
  return [
    {
      name: nameOf(what, 'first'),
      unit: 'ms',
      subject: [first.ms],
      floor: byHand === undefined ? null : { what: 'the installation in one container', samples: installed },
      target: byHand === undefined ? null : { kind: 'ratio-below', value: 1.5 },
    },
    phase('… of that, starting the node that prepares', [preparation.node]),
    phase('… of that, installing', [preparation.steps]),
    phase('… of that, capturing', [preparation.capture]),
    {
      name: nameOf(what, 'later'),
      unit: 'ms',
      subject: later,
      floor: { what: floor.what, samples: bare },
      target,
    },
    phase(
      '… of that, finding the image',
      phases.map(({ decision }) => decision),
    ),
    phase(
      '… of that, starting the node',
      phases.map(({ node }) => node),
    ),
    phase(
      '… of that, the steps',
      phases.map(({ steps }) => steps),
    ),
  ];
}

function nameOf(what: string, which: 'first' | 'later'): string {
  return which === 'first'
    ? `a job with Ceph in ${what}: the first, which has it installed`
    : `a job with Ceph in ${what}: a later one, from the image`;
}

function phase(name: string, subject: readonly number[]): Measurement {
  return { name, unit: 'ms', subject, floor: null, target: null };
}

function install(sudo: string): string {
  const apt = `${sudo}env DEBIAN_FRONTEND=noninteractive apt-get`;
  return `${apt} update -qq && ${apt} install -y -qq --no-install-recommends ${PACKAGES} >/dev/null`;
}

function pipelineOf(sudo: string): string {
  return `
name: ceph
jobs:
  version:
    runs-on: node
    prepare: { key: ceph, steps: [{ run: ${JSON.stringify(install(sudo))} }] }
    steps: [{ run: ${LOOK} }]
`;
}

async function preparationIn({ client }: BenchController): Promise<string> {
  const { builds } = await client.get<{ builds: { id: string; trigger: { event: string } }[] }>('/builds');
  const build = builds.find(({ trigger }) => trigger.event === 'preparation');
  if (build === undefined) throw new Error('nothing was prepared');
  return build.id;
}

/** The image that the controller has made: the only one on the engine that it has named so. */
async function preparedOf({ docker }: TestEngine): Promise<string> {
  const images = await docker.listImages();
  const made = images.flatMap(({ RepoTags }) => RepoTags ?? []).find((tag) => tag.includes('prepared-'));
  if (made === undefined) throw new Error('no image was prepared');
  return made;
}

async function capturedIn(data: string): Promise<string> {
  const folder = join(data, 'clouds', 'vms', 'images');
  const names = await readdir(folder, { recursive: true });
  const name = names.find((each) => each.endsWith('/disk.qcow2'));
  if (name === undefined) throw new Error('no image was prepared');
  return join(folder, name);
}

async function runContainer({ docker }: TestEngine, image: string, script: string): Promise<void> {
  const container = await docker.createContainer({ Image: image, Entrypoint: [], Cmd: ['sh', '-c', script] });
  await container.start();
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  await container.remove();
  if (StatusCode !== 0) throw new Error(`the container ended with exit code ${StatusCode}`);
}
