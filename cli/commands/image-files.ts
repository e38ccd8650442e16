import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ImportQuery } from '#controller/api';
import { FootmanError, messageOf } from '#shared/errors';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { saveFile } from '../save-file.ts';

export interface ExportOptions {
  output?: string;
  link?: boolean;
}

/** Writes a version into a file, whole and as it is in its cloud; or says from where others may download it for some time. */
export async function exportVersion(
  context: Context,
  name: string,
  { output, link = false }: ExportOptions,
): Promise<number> {
  return withClient(context, async ({ images }) => {
    const made = await images.export(name);
    if (link) {
      if (context.options.json === true) await printJson(context, made);
      else await context.out.write(`${made.url}\n`);
      return 0;
    }
    // A controller need not be ours: the name of its file leads nowhere else.
    const file = resolve(output ?? basename(made.fileName));
    await saveFile(await images.download(made.url), { sha256: made.sha256, executable: false }, file);
    if (context.options.json === true) await printJson(context, { ...made, file });
    else await context.out.write(`${file}\n`);
    return 0;
  });
}

/** Sends a file, which becomes the newest version of a stream. Nodes get it when it is verified, and somebody promotes it. */
export async function importVersion(context: Context, file: string, place: ImportQuery): Promise<number> {
  const bytes = await sizeOf(file);
  const version = await withClient(context, ({ images }) =>
    images.import(place, { stream: createReadStream(file), bytes }),
  );
  if (context.options.json === true) await printJson(context, version);
  else
    await context.out.write(
      `${version.name} is there, and is verified now; then: footman image promote ${version.name}\n`,
    );
  return 0;
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error('it is no file');
    return found.size;
  } catch (cause) {
    throw new FootmanError('not-found', `can't read ${file}: ${messageOf(cause)}`, { cause });
  }
}
