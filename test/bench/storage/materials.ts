import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { randomBytes } from 'node:crypto';

const PIECE_BYTES = 1024 * 1024;
const FILES_PER_FOLDER = 100;

/** Writes files that can't be compressed into the folder, which is made. */
export async function writeFiles(folder: string, count: number, bytes: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const inner = join(folder, String(Math.floor(index / FILES_PER_FOLDER)));
    if (index % FILES_PER_FOLDER === 0) await mkdir(inner, { recursive: true });
    const path = join(inner, String(index));
    if (bytes <= PIECE_BYTES) await writeFile(path, randomBytes(bytes));
    else await pipeline(Readable.from(noise(bytes)), createWriteStream(path));
  }
}

function* noise(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= PIECE_BYTES) yield randomBytes(Math.min(left, PIECE_BYTES));
}
