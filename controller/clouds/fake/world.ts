import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, createFile, readJson, replaceFile } from '#controller/files';
import { createCaptures, type FakeCaptures } from './captures.ts';
import { appendEntry, type FakeEntry } from './journal.ts';
import { FakeScript, type FakeRule } from './script.ts';

/** What the provider holds for a node. */
export const FakeResource = z.object({
  controller: z.string(),
  node: z.string(),
  variant: z.string().optional(),
  /** The static host that it has for itself. */
  host: z.string().optional(),
  /** That of its template, or the name of the captured one that it was made from. */
  image: z.string().optional(),
  /** The boot id of its machine. */
  boot: z.string().optional(),
  createdAt: z.int(),
});
export type FakeResource = z.infer<typeof FakeResource>;

/** What a variant's image is until a test puts another one in its place. */
const FIRST_IMAGE = 'image-1';
const FakeImages = z.record(z.string(), z.string());

/** Where things are in a world's folder. */
export interface WorldPaths {
  script: string;
  /** The image of each variant: JSON, by its name; that of templates without one under the empty name. */
  images: string;
  journal: string;
  /** A file for each resource. */
  resources: string;
  /** A file for each node: what a capture of it holds. */
  disks: string;
  captures: string;
  /** A file for each listing that a resource is still to be missing in. */
  hidden: string;
  /** A file for each time that a rule with `times` acted. */
  acted: string;
  /** A file for each call that pauses, and one that lets it go on. */
  paused: string;
  continue: string;
  processes: string;
}

/** The provider behind fake clouds: all of it is files, so that it outlives controllers and other processes can look and interfere. */
export interface FakeWorld {
  paths: WorldPaths;
  rules(): Promise<FakeRule[]>;
  /** Whether the rule may act once more; counted over all controllers. */
  claim(key: string, times: number | undefined): Promise<boolean>;
  /** The image of templates of this variant. */
  image(variant: string | undefined): Promise<string>;
  captures: FakeCaptures;
  /** The file that is the node's disk. */
  diskOf(node: string): string;
  /** Makes the node's disk; one that is there stays as it is. */
  makeDisk(node: string, content: string): Promise<void>;
  readDisk(node: string): Promise<string>;
  /** False if it is there already. */
  create(resource: FakeResource): Promise<boolean>;
  /** Its machine is in another boot from now on. */
  reboot(resource: FakeResource, boot: string): Promise<void>;
  find(node: string): Promise<FakeResource | undefined>;
  all(): Promise<FakeResource[]>;
  /** The next so many listings miss the resource. */
  hide(node: string, listings: number): Promise<void>;
  /** Whether this very listing misses it; the next one may show it. */
  isHidden(node: string): Promise<boolean>;
  delete(node: string): Promise<void>;
  note(entry: FakeEntry): Promise<void>;
}

function worldPaths(folder: string): WorldPaths {
  return {
    script: join(folder, 'script.json'),
    images: join(folder, 'images.json'),
    journal: join(folder, 'journal.jsonl'),
    resources: join(folder, 'resources'),
    disks: join(folder, 'disks'),
    captures: join(folder, 'captures'),
    hidden: join(folder, 'hidden'),
    acted: join(folder, 'acted'),
    paused: join(folder, 'paused'),
    continue: join(folder, 'continue'),
    processes: join(folder, 'processes'),
  };
}

export async function openFakeWorld(folder: string): Promise<FakeWorld> {
  const paths = worldPaths(folder);
  const { resources, disks, hidden, acted, paused } = paths;
  for (const path of [resources, disks, hidden, acted, paused, paths.continue]) {
    await mkdir(path, { recursive: true });
  }

  return {
    paths,
    rules: async () => FakeScript.parse((await readJson(paths.script)) ?? []),
    claim,
    async image(variant = '') {
      return FakeImages.parse((await readJson(paths.images)) ?? {})[variant] ?? FIRST_IMAGE;
    },
    captures: createCaptures(paths.captures),
    diskOf,
    async makeDisk(node, content) {
      await createFile(diskOf(node), content);
    },
    readDisk,
    create: (resource) => createFile(fileOf(resource.node), JSON.stringify(resource)),
    reboot: (resource, boot) => replaceFile(fileOf(resource.node), JSON.stringify({ ...resource, boot })),
    find,
    all,
    hide,
    isHidden,
    async delete(node) {
      await rm(diskOf(node), { force: true });
      await rm(fileOf(node), { force: true });
    },
    note: (entry) => appendEntry(paths.journal, entry),
  };

  async function claim(key: string, times = 0): Promise<boolean> {
    if (times === 0) return true;
    for (let turn = 1; turn <= times; turn++) {
      if (await createFile(join(paths.acted, `${encodeURIComponent(key)}.${turn}`), '')) return true;
    }
    return false;
  }

  async function find(node: string): Promise<FakeResource | undefined> {
    const read = FakeResource.safeParse(await readJson(fileOf(node)));
    return read.success ? read.data : undefined;
  }

  async function all(): Promise<FakeResource[]> {
    const names = (await readdir(paths.resources)).filter((name) => name.endsWith('.json'));
    const found = await Promise.all(names.map((name) => find(name.slice(0, -'.json'.length))));
    return found.filter((resource) => resource !== undefined);
  }

  async function hide(node: string, listings: number): Promise<void> {
    for (let turn = 1; turn <= listings; turn++) await createFile(join(hidden, `${node}.${turn}.hidden`), '');
  }

  async function isHidden(node: string): Promise<boolean> {
    const mark = (await readdir(hidden)).find(
      (name) => name.startsWith(`${node}.`) && name.endsWith('.hidden'),
    );
    if (mark === undefined) return false;
    await rm(join(hidden, mark), { force: true });
    return true;
  }

  /** Empty where there is none. */
  async function readDisk(node: string): Promise<string> {
    return readFile(diskOf(node), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '';
      throw error;
    });
  }

  function diskOf(node: string): string {
    return join(disks, node);
  }

  function fileOf(node: string): string {
    return join(paths.resources, `${node}.json`);
  }
}
