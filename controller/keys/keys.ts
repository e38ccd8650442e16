import { hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FootmanError } from '#shared/errors';

/** What a key is for. Each purpose has a key of its own, so that a token of one kind is never good for another. */
export type Purpose = 'api' | 'agent' | 'blob' | 'link';

export interface Keys {
  /** The 32-byte key of a purpose, derived from the controller's secret (HKDF-SHA256, RFC 5869). */
  derive(purpose: Purpose): Buffer;
}

const SECRET_BYTES = 32;

/** Reads the controller's secret from its file; makes one, for the owner's eyes only, where there is none. */
export async function loadKeys(file: string): Promise<Keys> {
  const secret = (await read(file)) ?? (await create(file));
  if (secret.length < SECRET_BYTES) {
    throw new FootmanError(
      'configuration-invalid',
      `the signing key in ${file} has fewer than ${SECRET_BYTES} bytes`,
    );
  }
  return {
    derive: (purpose) => Buffer.from(hkdfSync('sha256', secret, '', `footman/${purpose}`, SECRET_BYTES)),
  };
}

async function read(file: string): Promise<Buffer | undefined> {
  try {
    return Buffer.from((await readFile(file, 'utf8')).trim(), 'base64url');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function create(file: string): Promise<Buffer> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const secret = randomBytes(SECRET_BYTES);
  // Written aside, so that a controller which dies here leaves no half of a key behind.
  const aside = `${file}.new`;
  const handle = await open(aside, 'w', 0o600);
  try {
    await handle.writeFile(`${secret.toString('base64url')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(aside, file);
  return secret;
}
