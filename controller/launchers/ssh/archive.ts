import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { tarOfFolder } from '#controller/archives';
import type { RuntimeFolder } from '../contract.ts';

/** The runtime as one file. */
export interface Archive {
  file: string;
  /** SHA-256 of the file, in hex. */
  sum: string;
  bytes: number;
  /** Of what is in it. */
  unpackedBytes: number;
}

/** The fastest: the archive is brought over a network that is quicker than a better one would be packed. */
const LEVEL = 1;

/** Packs the runtime into a file beside its folder, once: its name tells both digests, and a file that does not fit its name is packed anew. */
export async function archiveOf(runtime: RuntimeFolder): Promise<Archive> {
  const unpackedBytes = await sizeOf(runtime.path);
  const file = (await findArchive(runtime)) ?? (await packArchive(runtime));
  const { size } = await stat(file);
  return { file, sum: sumIn(file), bytes: size, unpackedBytes };
}

async function findArchive({ path, digest }: RuntimeFolder): Promise<string | undefined> {
  const names = await readdir(dirname(path));
  for (const name of names) {
    if (!name.startsWith(`${digest}.`) || !name.endsWith('.tar.gz')) continue;
    const file = join(dirname(path), name);
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    if (hash.digest('hex') === sumIn(file)) return file;
    await rm(file, { force: true });
  }
  return undefined;
}

async function packArchive({ path, digest }: RuntimeFolder): Promise<string> {
  // By this name, what a controller leaves that dies meanwhile is removed when a runtime is packed.
  const aside = await mkdtemp(join(dirname(path), 'packing-'));
  try {
    const file = join(aside, 'archive');
    const hash = createHash('sha256');
    const measure = async function* (source: AsyncIterable<Buffer>) {
      for await (const bytes of source) {
        hash.update(bytes);
        yield bytes;
      }
    };
    await pipeline(tarOfFolder(path), createGzip({ level: LEVEL }), measure, createWriteStream(file));
    const name = join(dirname(path), `${digest}.${hash.digest('hex')}.tar.gz`);
    await rename(file, name);
    return name;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => stat(join(parentPath, name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

function sumIn(file: string): string {
  return basename(file, '.tar.gz').split('.')[1] ?? '';
}
