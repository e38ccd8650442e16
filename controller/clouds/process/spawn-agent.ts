import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { FootmanError } from '#shared/errors';
import type { Bootstrap } from '#shared/protocol';
import { codeOf } from '#controller/files';
import { readProcess, type ProcessIdentity } from '#controller/processes';
import type { NodeFolder } from './node-folder.ts';

export interface AgentStart {
  folder: NodeFolder;
  command: string[];
  environment: NodeJS.ProcessEnv;
  bootstrap: Bootstrap;
}

/** What the machine refuses because it is full: it counts against nobody. */
const CAPACITY_CODES = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC']);

/**
 * Starts the agent in a session of its own, so that it outlives us, and hands it its bootstrap. If we die in between, its input ends
 * without one, and it exits.
 *
 * @throws FootmanError `cloud-aborted` when the machine is full, `cloud-unavailable` for all else.
 */
export async function spawnAgent(start: AgentStart): Promise<ProcessIdentity> {
  try {
    await using output = await open(start.folder.console, 'a', 0o600);
    const child = spawnDetached(start, output.fd);
    // Read in the same breath, while the number is surely our child's.
    const found = child.pid === undefined ? undefined : readProcess(child.pid);
    await once(child, 'spawn');
    await endInput(child.stdin, `${JSON.stringify(start.bootstrap)}\n`);
    if (found === undefined) throw new FootmanError('cloud-unavailable', 'the agent ended at once');
    return { pid: found.pid, startTicks: found.startTicks };
  } catch (error) {
    if (error instanceof FootmanError) throw error;
    const code = CAPACITY_CODES.has(codeOf(error) ?? '') ? 'cloud-aborted' : 'cloud-unavailable';
    throw new FootmanError(code, 'the agent could not be started', { cause: error });
  }
}

function spawnDetached({ folder, command, environment }: AgentStart, output: number): ChildProcess {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    cwd: folder.path,
    env: environment,
    detached: true,
    stdio: ['pipe', output, output],
  });
  child.unref();
  return child;
}

function endInput(input: Writable | null, line: string): Promise<void> {
  if (input === null) throw new Error('the agent has no standard input');
  return new Promise((resolve, reject) => {
    input.once('error', reject);
    input.end(line, resolve);
  });
}
