import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '#controller/files';
import { runProgram } from '#controller/programs';
import type { MachineFolder } from './machine-folder.ts';
import { seedDocuments, type SeedContent } from './seed-documents.ts';

/**
 * Writes the machine's seed, for its owner alone to read; one that is there is replaced.
 *
 * @throws FootmanError `host-unfit` where genisoimage is not installed
 */
export async function writeSeed(
  folder: MachineFolder,
  content: SeedContent,
  signal: AbortSignal,
): Promise<void> {
  const aside = `${folder.seed}.parts`;
  await removeTree(aside);
  await mkdir(aside, { mode: 0o700 });
  const documents = Object.entries(seedDocuments(content));
  for (const [name, text] of documents) await writeFile(join(aside, name), text, { mode: 0o600 });
  // Made by us before: the program would make it for all to read.
  await writeFile(folder.seed, '', { mode: 0o600 });
  await chmod(folder.seed, 0o600);
  const files = documents.map(([name]) => join(aside, name));
  await runProgram(
    {
      file: 'genisoimage',
      args: ['-quiet', '-output', folder.seed, '-volid', 'cidata', '-joliet', '-rock', ...files],
      package: 'genisoimage',
    },
    signal,
  );
  await removeTree(aside);
}
