import { readdir, readFile } from 'node:fs/promises';
import { readCommandLine } from '#test/node-traces';

/**
 * Ends what an engine has forgotten: one that is stopped while it starts a container may leave the process that was to watch over it, and
 * the container's first one. They are known by the socket of its containerd.
 */
export async function endShims(socketPath: string): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (!(await readCommandLine(pid)).includes(socketPath)) continue;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    for (const each of [...children.split(' ').filter((word) => word !== ''), pid]) kill(Number(each));
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
