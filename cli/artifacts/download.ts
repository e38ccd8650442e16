import { join, resolve, sep } from 'node:path';
import type { Build } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Client } from '../client/index.ts';
import { saveFile } from '../save-file.ts';

/** Where an artifact's files are now. */
export interface Downloaded {
  job: string;
  artifact: string;
  folder: string;
  files: string[];
}

/** Downloads all complete artifacts of the build's jobs, of each its last attempt, into `folder`, as JOB/ARTIFACT/PATH. Files that are there are replaced. */
export async function downloadArtifacts(client: Client, build: Build, folder: string): Promise<Downloaded[]> {
  const downloaded: Downloaded[] = [];
  for (const job of build.jobs.filter(({ superseded }) => !superseded)) {
    for (const { id, name, state } of job.artifacts) {
      if (state !== 'complete') continue;
      const target = within(folder, join(folderOf(job.key), name));
      const files: string[] = [];
      for await (const file of client.files(id)) {
        const path = within(target, file.path);
        await saveFile(await client.file(id, file.path), file, path);
        files.push(path);
      }
      downloaded.push({ job: job.key, artifact: name, folder: target, files });
    }
  }
  return downloaded;
}

/** A job's key as the name of a folder: a value of its matrix may have slashes. */
export function folderOf(key: string): string {
  return key.replaceAll('/', '_');
}

/** Paths come from jobs, by way of a controller that need not be ours: none may lead out of the folder. */
function within(folder: string, path: string): string {
  const target = resolve(folder, path);
  if (target.startsWith(resolve(folder) + sep)) return target;
  throw new FootmanError(
    'protocol-violation',
    `an artifact's file wants to leave its folder: ${JSON.stringify(path)}`,
  );
}
