import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runProgram } from '#controller/programs';

const PROGRAM = 'qemu-system-x86_64';
const LOOK_MS = 100;

/** QEMU by itself, without KVM: from its start until the SSH server of its machine speaks. */
export async function bootBare(image: string, folder: string, memoryMiB: number): Promise<void> {
  const disk = join(folder, 'bare.qcow2');
  const seed = await makeSeed(folder);
  await runProgram(
    { file: 'qemu-img', args: ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, disk] },
    AbortSignal.timeout(10_000),
  );
  const port = await freePort();
  const args = [
    ['-machine', 'pc,accel=tcg', '-cpu', 'max', '-m', `${memoryMiB}M`],
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
