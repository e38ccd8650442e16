import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArtifactFile, Build } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Client } from '../client/index.ts';

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
        await save(await client.file(id, file.path), file, path);
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

async function save(content: Readable, file: ArtifactFile, path: string): Promise<void> {
  const { sha256, executable } = file;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.footman-part`;
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(content, hashing, createWriteStream(draft));
    if (hash.digest('hex') !== sha256) {
      throw new FootmanError('protocol-violation', `${path} did not arrive as it was stored`, {
        hint: 'try again',
      });
    }
    if (executable) await chmod(draft, 0o755);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
