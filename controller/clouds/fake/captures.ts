import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, createFile, readJson } from '#controller/files';

/** An image that was captured of a node, or imported. */
export const FakeCapture = z.object({
  controller: z.string(),
  name: z.string(),
  /** What the node's disk held. */
  content: z.string(),
  createdAt: z.int(),
});
export type FakeCapture = z.infer<typeof FakeCapture>;

/** The images of a world: a file for each, in a folder of each controller. */
export interface FakeCaptures {
  find(controller: string, name: string): Promise<FakeCapture | undefined>;
  /** False if there is one of this name. */
  create(capture: FakeCapture): Promise<boolean>;
  all(controller: string): Promise<FakeCapture[]>;
  /** Those of all controllers. */
  everybodys(): Promise<FakeCapture[]>;
  delete(controller: string, name: string): Promise<void>;
}

export function createCaptures(folder: string): FakeCaptures {
  return {
    find: (controller, name) => read(join(folderOf(controller), `${name}.json`)),
    async create(capture) {
      const parent = folderOf(capture.controller);
      await mkdir(parent, { recursive: true });
      return createFile(join(parent, `${capture.name}.json`), JSON.stringify(capture));
    },
    all: (controller) => readAll(folderOf(controller)),
    async everybodys() {
      return (await Promise.all((await namesIn(folder)).map((name) => readAll(join(folder, name))))).flat();
    },
    delete: (controller, name) => rm(join(folderOf(controller), `${name}.json`), { force: true }),
  };

  function folderOf(controller: string): string {
    return join(folder, encodeURIComponent(controller));
  }
}

export function digestOf({ content }: Pick<FakeCapture, 'content'>): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

async function readAll(parent: string): Promise<FakeCapture[]> {
  const names = (await namesIn(parent)).filter((name) => name.endsWith('.json'));
  const found = await Promise.all(names.map((name) => read(join(parent, name))));
  return found.filter((capture) => capture !== undefined);
}

async function read(path: string): Promise<FakeCapture | undefined> {
  return FakeCapture.safeParse(await readJson(path)).data;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
