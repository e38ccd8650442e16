import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isAlive } from './is-alive.ts';

/** What the suites with virtual machines keep over runs. */
export const VM_CACHE = fileURLToPath(new URL('../../.cache/vm', import.meta.url));

const SCRIPT = fileURLToPath(new URL('../../examples/vm/make-image.sh', import.meta.url));
const PROGRAMS = ['qemu-system-x86_64', 'qemu-img', 'genisoimage', 'mmdebstrap', 'sfdisk', 'grub-mkimage'];
const LOOK_MS = 200;
const run = promisify(execFile);

/** Why no virtual machine can be had here, or undefined. */
export function vmMissing(): string | undefined {
  if (process.arch !== 'x64') return 'the image is made for x86-64';
  if (process.getuid?.() !== 0) return 'only root can make the image';
  const missing = PROGRAMS.find((program) => !isInstalled(program));
  return missing === undefined ? undefined : `${missing} is not installed`;
}

/** The image that `examples/vm/make-image.sh` makes, made once for each state of that script. */
export async function vmImage(): Promise<string> {
  const script = readFileSync(SCRIPT);
  const name = `image-${createHash('sha256').update(script).digest('hex').slice(0, 16)}.qcow2`;
  await mkdir(VM_CACHE, { recursive: true });
  const image = join(VM_CACHE, name);
  await withLock(join(VM_CACHE, 'image.lock'), async () => {
    if (await isThere(image)) return;
    const old = (await readdir(VM_CACHE)).filter((each) => each.startsWith('image-'));
    await Promise.all(old.map((each) => rm(join(VM_CACHE, each), { recursive: true, force: true })));
    await run(SCRIPT, [image]);
  });
  return image;
}

/** Of all that ask with one lock, in any process, one works at a time. A lock whose holder was killed is free. */
export async function withLock(lock: string, work: () => Promise<void>): Promise<void> {
  while (!(await claim(lock))) await delay(LOOK_MS);
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function claim(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const holder = Number(await readFile(lock, 'utf8').catch(() => '0'));
    if (holder !== 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
