import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { codeOf } from './error-code.ts';

/** The file's value, or undefined when it is missing or cut short. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}

/** Readers see the old text or the new one, and nothing in between. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const aside = await writeAside(path, text);
  await rename(aside, path);
}

/** Makes the file with all its text at once; false if it is there already. */
export async function createFile(path: string, text: string): Promise<boolean> {
  const aside = await writeAside(path, text);
  try {
    await link(aside, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(aside);
  }
}

async function writeAside(path: string, text: string): Promise<string> {
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, text);
  return aside;
}
