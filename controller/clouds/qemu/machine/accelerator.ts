import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, replaceFile } from '#controller/files';
import { readBootId } from '#controller/processes';
import { runProgram } from '#controller/programs';
import { FootmanError, messageOf } from '#shared/errors';
import { processorArguments, type Accelerator } from './command-line.ts';

const Verdict = z.object({ bootId: z.string(), program: z.string(), accelerator: z.enum(['kvm', 'tcg']) });

/** mov dx,0xf4; mov al,0x10; out dx,al; hlt; jmp -3: it ends QEMU by its debug port, with exit code 33. */
const PROGRAM = Buffer.from('baf400b010eef4ebfd', 'hex');
const DISK_BYTES = 1024 * 1024;
const EXIT = 'exit code 33';
const SLOWEST_MS = 20_000;
/** KVM may take this much more than an emulated CPU, which takes some 0.2 s: it is far quicker where it works. */
const MARGIN_MS = 1000;

/**
 * Whether machines run on KVM here, found by trying: a disk that ends its machine at once is booted without KVM, and then with it. A
 * /dev/kvm that hangs, or is slower than no KVM at all, counts as none. The verdict is kept in the folder until this machine boots again.
 *
 * @throws FootmanError `host-unfit` where there is no QEMU, or it boots nothing
 */
export async function chooseAccelerator(
  program: string,
  folder: string,
  signal: AbortSignal,
): Promise<Accelerator> {
  const file = join(folder, 'accelerator.json');
  const bootId = await readBootId();
  const known = Verdict.safeParse(await readJson(file)).data;
  if (known?.bootId === bootId && known.program === program) return known.accelerator;
  const accelerator = await tryKvm(program, folder, signal);
  await replaceFile(file, JSON.stringify({ bootId, program, accelerator } satisfies z.infer<typeof Verdict>));
  return accelerator;
}

async function tryKvm(program: string, folder: string, signal: AbortSignal): Promise<Accelerator> {
  const disk = join(folder, 'boot-test.img');
  await writeFile(disk, bootTest());
  const began = performance.now();
  const emulated = await boots(program, disk, 'tcg', SLOWEST_MS, signal);
  if (emulated !== 'boots') {
    throw new FootmanError('host-unfit', `${program} does not run a machine: ${emulated}`);
  }
  const limitMs = MARGIN_MS + (performance.now() - began);
  return (await boots(program, disk, 'kvm', limitMs, signal)) === 'boots' ? 'kvm' : 'tcg';
}

/** `boots`, or why not. */
async function boots(
  program: string,
  disk: string,
  accelerator: Accelerator,
  limitMs: number,
  signal: AbortSignal,
): Promise<string> {
  const args = [
    ['-nodefaults', '-no-user-config', '-display', 'none'],
    ['-machine', 'pc', '-m', '16M'],
    processorArguments(accelerator),
    ['-blockdev', JSON.stringify({ driver: 'file', filename: disk, 'node-name': 'disk', 'read-only': true })],
    ['-device', 'virtio-blk-pci,drive=disk,bootindex=0'],
    ['-device', 'isa-debug-exit,iobase=0xf4,iosize=4'],
  ].flat();
  try {
    const limit = AbortSignal.timeout(Math.round(limitMs));
    await runProgram({ file: program, args, package: 'qemu-system-x86' }, AbortSignal.any([signal, limit]));
    return 'it ended too soon';
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof FootmanError && error.code === 'host-unfit') throw error;
    return messageOf(error).includes(EXIT) ? 'boots' : messageOf(error);
  }
}

function bootTest(): Buffer {
  const disk = Buffer.alloc(DISK_BYTES);
  PROGRAM.copy(disk);
  disk.writeUInt16BE(0x55aa, 510);
  return disk;
}
