import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import type { ArtifactFile } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { ArtifactsClient } from '../client/index.ts';

interface Deps {
  artifacts: Pick<ArtifactsClient, 'content'>;
  artifactId: string;
  /** Bytes that came, or turned out to be there. */
  onBytes(bytes: number): void;
  signal: AbortSignal;
}

interface Places {
  target: string;
  /** What is there of the file, from an earlier attempt too. */
  part: string;
}

/**
 * Downloads a file, or what is missing of it. It appears whole, with the digest that was announced and its mode, or not at all; what came of it is
 * kept for the next attempt.
 *
 * @throws FootmanError `protocol-violation` where it comes otherwise than it was stored
 */
export async function receiveFile(deps: Deps, file: ArtifactFile, { target, part }: Places): Promise<void> {
  if (await isThere(file, target)) {
    deps.onBytes(file.bytes);
    await chmod(target, file.mode & 0o777);
    return;
  }
  if (!(await receive(deps, file, part))) {
    // What was left of an earlier attempt may have been damaged since: once more, from the beginning.
    await rm(part, { force: true });
    const isGood = await receive(deps, file, part);
    if (!isGood) await rm(part, { force: true });
    if (!isGood) throw altered(file, 'try again');
  }
  await chmod(part, file.mode & 0o777);
  await rename(part, target).catch((cause: unknown) => {
    throw new FootmanError('conflict', `${target} is in the way`, { cause });
  });
}

/** Whether all of it came as it should. */
async function receive(
  { artifacts, artifactId, onBytes, signal }: Deps,
  file: ArtifactFile,
  part: string,
): Promise<boolean> {
  // Whoever put a link there meant no good.
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
  await using handle = await open(part, flags, 0o600);
  const hash = createHash('sha256');
  let at = await readInto(handle, hash);
  if (at > file.bytes) return false;
  onBytes(at);
  if (at < file.bytes) {
    for await (const bytes of artifacts.content(artifactId, file, at, signal)) {
      if (at + bytes.length > file.bytes) throw altered(file);
      await writeAt(handle, bytes, at);
      hash.update(bytes);
      at += bytes.length;
      onBytes(bytes.length);
    }
  }
  if (at === file.bytes && hash.digest('hex') === file.sha256) return true;
  onBytes(-at);
  return false;
}

async function isThere({ bytes, sha256 }: ArtifactFile, target: string): Promise<boolean> {
  const found = await lstat(target).catch(() => undefined);
  if (found?.isFile() !== true || found.size !== bytes) return false;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
  await using handle = await open(target, flags);
  const hash = createHash('sha256');
  await readInto(handle, hash);
  return hash.digest('hex') === sha256;
}

async function readInto(handle: FileHandle, hash: ReturnType<typeof createHash>): Promise<number> {
  let at = 0;
  for await (const bytes of handle.createReadStream({
    start: 0,
    autoClose: false,
  }) as AsyncIterable<Buffer>) {
    hash.update(bytes);
    at += bytes.length;
  }
  return at;
}

/** All of the bytes: of a disk that is nearly full, one call may take some and say nothing. */
async function writeAt(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

function altered({ path }: ArtifactFile, hint?: string): FootmanError {
  return new FootmanError(
    'protocol-violation',
    `${path} did not arrive as it was stored`,
    hint === undefined ? {} : { hint },
  );
}
