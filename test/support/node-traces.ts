import { readdir, readFile } from 'node:fs/promises';

/** Numbers of the running processes that bear the node's mark, as anybody can see them in /proc. */
export async function processesOfNode(node: string): Promise<string[]> {
  return processesWhere((variable) => variable === `FOOTMAN_NODE_ID=${node}`);
}

/** Numbers of the running processes one of whose variables, as `NAME=value`, fits. */
export async function processesWhere(fits: (variable: string) => boolean): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const marked = await Promise.all(pids.map(async (pid) => (await readEnvironment(pid)).some(fits)));
  return pids.filter((_, index) => marked[index]);
}

/** A command of a step that has ended meanwhile is passed over. */
export function signalProcesses(pids: readonly string[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(Number(pid), signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** A process's environment, as `NAME=value`; empty when it has ended, also where nobody has buried it yet. */
export async function readEnvironment(pid: string): Promise<string[]> {
  return readWords(`/proc/${pid}/environ`);
}

/** A process's command line, word by word; empty as above. */
export async function readCommandLine(pid: string): Promise<string[]> {
  return readWords(`/proc/${pid}/cmdline`);
}

async function readWords(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\0').filter((word) => word !== '');
}
