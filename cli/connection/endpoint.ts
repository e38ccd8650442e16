import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from '../client/index.ts';

interface Endpoint {
  url: string;
  pid: number;
}

/** The controller that runs on this data folder now, or undefined. */
export async function runningController(data: string): Promise<Target | undefined> {
  const endpoint = await readEndpoint(join(data, 'endpoint.json'));
  // What a killed controller left names a port that anybody may have by now: the token is not for them.
  if (endpoint === undefined || !isAlive(endpoint.pid)) return undefined;
  return { url: endpoint.url, token: await readToken(join(data, 'admin.token')) };
}

export async function readToken(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}

async function readEndpoint(file: string): Promise<Endpoint | undefined> {
  try {
    const { url, pid } = JSON.parse(await readFile(file, 'utf8')) as Partial<Endpoint>;
    return typeof url === 'string' && typeof pid === 'number' ? { url, pid } : undefined;
  } catch (error) {
    // Half a file is one that is being written or removed.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
