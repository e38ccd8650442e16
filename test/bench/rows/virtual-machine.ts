import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { vmImage, vmMissing } from '#test/vm-image';
import type { BenchController } from '../controller/controller.ts';
import { oneStep } from '../pipelines.ts';
import type { Bench, Measurement, Result, Row } from '../row.ts';
import { timed } from '../sampling.ts';
import { bootBare } from '../system/bare-machine.ts';

const COLD = '`true` in a fresh virtual machine, booted';
const FAST = '`true` in a fresh virtual machine, fast start';
const MEMORY_MIB = 1024;
const PREPARED_WITHIN_MS = 600_000;
const LOOK_MS = 100;

export const virtualMachine = {
  number: 11,
  title: 'A step in a fresh virtual machine',
  explanation: `A build with one job that runs \`true\`, with no pool, on a QEMU machine that is made when the job comes: once booted, once started from the
saved state of a booted one (\`fast-start\`). The image is the one of examples/vm. The floor is QEMU by itself with the same image, CPU and memory, from its start
until its SSH server speaks. All are emulated, without KVM: so are the machines of continuous integration.`,
  measure,
} satisfies Row;

async function measure(bench: Bench): Promise<Result[]> {
  const missing = vmMissing();
  if (missing !== undefined) return [COLD, FAST].map((name) => ({ name, skipped: missing }));
  const image = await vmImage();
  await using controller = await bench.startController(cloudsWith(image));
  await prepared(controller);
  const [cold, fast, floor]: [number[], number[], number[]] = [[], [], []];
  const samples = bench.quick ? 1 : 4;
  for (let turn = 0; turn < samples; turn++) {
    cold.push(await runOn(controller, 'cold'));
    fast.push(await runOn(controller, 'fast'));
    floor.push(await timed(() => bootBare(image, bench.folder, MEMORY_MIB)));
  }
  return [measurementOf(COLD, cold, floor), measurementOf(FAST, fast, floor)];
}

function measurementOf(name: string, subject: readonly number[], floor: readonly number[]): Measurement {
  const what = 'QEMU alone, until SSH speaks';
  const value = name === FAST ? 0.5 : 1.5;
  return {
    name,
    unit: 'ms',
    subject,
    floor: { what, samples: floor },
    target: { kind: 'ratio-below', value },
  };
}

/** The first job boots, and has the state prepared for the others. */
async function prepared(controller: BenchController): Promise<void> {
  await runOn(controller, 'fast');
  const folder = join(controller.data, 'clouds', 'vms', 'fast-start');
  for (const end = Date.now() + PREPARED_WITHIN_MS; Date.now() < end; await setTimeout(LOOK_MS)) {
    if ((await readdir(folder)).some((name) => /^[0-9a-f]{32}$/.test(name))) return;
  }
  throw new Error('no fast start was prepared');
}

async function runOn(controller: BenchController, label: string): Promise<number> {
  const { ms } = await controller.run(oneStep(label, 'true'));
  await controller.ready(0);
  return ms;
}

function cloudsWith(image: string): string {
  const template = (label: string, fast: boolean): string =>
    `${label}: { labels: ${label}, image: '${image}', cpus: 1, memory: ${MEMORY_MIB}MiB, fast-start: ${fast} }`;
  return `{ vms: { kind: qemu, accelerator: tcg, templates: { ${template('cold', false)}, ${template('fast', true)} } } }`;
}
