import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runProgram } from '#controller/programs';
import { vmImage, vmMissing } from '#test/vm-image';
import type { BenchController } from '../controller/controller.ts';
import { oneStep } from '../pipelines.ts';
import type { Bench, Measurement, Result, Row } from '../row.ts';
import { timed } from '../sampling.ts';

const COLD = '`true` in a fresh virtual machine, booted';
const FAST = '`true` in a fresh virtual machine, fast start';
const PROGRAM = 'qemu-system-x86_64';
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
    floor.push(await timed(() => bootBare(image, bench.folder)));
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

async function bootBare(image: string, folder: string): Promise<void> {
  const disk = join(folder, 'bare.qcow2');
  const seed = await makeSeed(folder);
  await runProgram(
    { file: 'qemu-img', args: ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, disk] },
    AbortSignal.timeout(10_000),
  );
  const port = await freePort();
  const args = [
    ['-machine', 'pc,accel=tcg', '-cpu', 'max', '-m', `${MEMORY_MIB}M`],
    ['-nodefaults', '-display', 'none', '-drive', `if=virtio,file=${disk}`],
    ['-drive', `if=virtio,format=raw,readonly=on,file=${seed}`],
    ['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${port}-:22`, '-device', 'virtio-net-pci,netdev=net'],
  ].flat();
  const qemu = spawn(PROGRAM, args, { stdio: 'ignore' });
  try {
    while (!(await speaks(port))) await setTimeout(LOOK_MS);
  } finally {
    const ended = once(qemu, 'exit');
    qemu.kill('SIGKILL');
    await ended;
    await rm(disk);
  }
}

/** Without one, cloud-init makes no host keys, and SSH does not start. */
async function makeSeed(folder: string): Promise<string> {
  const seed = join(folder, 'bare.iso');
  const documents = { 'meta-data': 'instance-id: bare\n', 'user-data': '#cloud-config\n{}\n' };
  const files = Object.entries(documents).map(([name, text]) => ({ path: join(folder, name), text }));
  for (const { path, text } of files) await writeFile(path, text);
  const args = [
    '-quiet',
    '-volid',
    'cidata',
    '-joliet',
    '-rock',
    '-output',
    seed,
    ...files.map(({ path }) => path),
  ];
  await runProgram({ file: 'genisoimage', args }, AbortSignal.timeout(10_000));
  return seed;
}

/** QEMU takes the connection before anybody listens in the machine. */
async function speaks(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('a port has no number');
  return address.port;
}

function cloudsWith(image: string): string {
  const template = (label: string, fast: boolean): string =>
    `${label}: { labels: ${label}, image: '${image}', cpus: 1, memory: ${MEMORY_MIB}MiB, fast-start: ${fast} }`;
  return `{ vms: { kind: qemu, accelerator: tcg, templates: { ${template('cold', false)}, ${template('fast', true)} } } }`;
}
