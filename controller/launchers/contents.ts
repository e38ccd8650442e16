import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { FootmanError } from '#shared/errors';
import { findLibraries } from './libraries.ts';

/** One file of the runtime: where it comes from, and its name in the runtime's folder. */
export interface Content {
  name: string;
  source: string;
  mode: number;
}

export const LIBRARY_FOLDER = 'lib';

/** Everything that an agent needs beside a Linux kernel, in the order that the digest counts it in. */
export async function listContents(node: string, agentFile: string): Promise<Content[]> {
  const program = await realpath(node);
  const { loader, libraries } = await findLibraries(program);
  return [
    { name: 'agent.mjs', source: agentFile, mode: 0o444 },
    { name: `${LIBRARY_FOLDER}/${basename(loader)}`, source: loader, mode: 0o555 },
    ...libraries.map((source) => ({ name: `${LIBRARY_FOLDER}/${basename(source)}`, source, mode: 0o444 })),
    { name: 'node', source: program, mode: 0o555 },
  ];
}

/** Changes whenever a file was replaced or written to: a cheap stand-in for hashing 150 MiB at each start. */
export async function stampOf(contents: Content[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, source, mode } of contents) {
    const { ino, size, mtimeNs } = await stat(source, { bigint: true }).catch((cause: unknown) => {
      throw new FootmanError('host-unfit', `the agent's runtime lacks ${source}`, {
        ...(name === 'agent.mjs' && { hint: 'npm run build makes it' }),
        cause,
      });
    });
    hash.update([name, mode, source, ino, size, mtimeNs].join('\0') + '\n');
  }
  return hash.digest('hex');
}
