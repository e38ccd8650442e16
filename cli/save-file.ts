import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FootmanError } from '#shared/errors';

/** What a download has to turn out to be. */
export interface ExpectedFile {
  sha256: string;
  executable: boolean;
}

/** Saves a download; the file appears whole or not at all, in the place of one that is there. */
export async function saveFile(
  content: Readable,
  { sha256, executable }: ExpectedFile,
  path: string,
): Promise<void> {
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
