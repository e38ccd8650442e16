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

/** Readers see the old text or the new one, and nothing in between. What is secret needs a mode that keeps others from reading it. */
export async function replaceFile(path: string, text: string, mode?: number): Promise<void> {
  const aside = await writeAside(path, text, mode);
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

async function writeAside(path: string, text: string, mode?: number): Promise<string> {
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, text, { mode });
  return aside;
}
