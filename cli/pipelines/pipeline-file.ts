import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { FootmanError } from '#shared/errors';

/** A pipeline as it is written. */
export interface PipelineFile {
  name: string;
  source: string;
}

/** `-` is standard input. @throws FootmanError `not-found` for a file that can't be read. */
export async function readPipelineFile(name: string): Promise<PipelineFile> {
  if (name === '-') return { name: '<stdin>', source: (await buffer(process.stdin)).toString() };
  try {
    return { name, source: await readFile(name, 'utf8') };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message = code === 'ENOENT' ? `there is no file ${name}` : `cannot read ${name} (${code})`;
    throw new FootmanError('not-found', message, { cause });
  }
}
