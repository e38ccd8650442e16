import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import {
  awaitPause,
  endPause,
  openFakeWorld,
  readJournal,
  type FakeCapture,
  type FakeEntry,
  type FakePause,
  type FakeResource,
  type FakeRuleInput,
} from '#controller/clouds';
import { processesOfNode } from '#test/node-traces';

/** A test's hand in the world of a fake cloud, from any process and while controllers come and go. */
export interface FakeWorldControl {
  /** Replaces the whole script; it holds from the next edge of a call on. */
  script(...rules: FakeRuleInput[]): Promise<void>;
  /** New nodes are of this image from now on; those of templates of this variant, or of templates without one. */
  image(name: string, variant?: string): Promise<void>;
  /** What a capture of the node holds from now on; steps find the same file at `$FAKE_DISK`. */
  write(node: string, text: string): Promise<void>;
  /** Images that were captured or imported, of all controllers. */
  captures(): Promise<FakeCapture[]>;
  /** Waits until a living controller pauses at such an edge. */
  paused(at: Partial<FakePause>, signal?: AbortSignal): Promise<FakePause>;
  /** Lets the paused call go on. */
  continue(at: FakePause): Promise<void>;
  /** All that happened so far, oldest first. */
  journal(): Promise<FakeEntry[]>;
  resources(): Promise<FakeResource[]>;
  /** The node goes as if somebody removed it by hand: its resource is deleted, its processes get SIGKILL. */
  vanish(node: string): Promise<void>;
  /** The node's machine goes down: its processes get SIGKILL. */
  halt(node: string): Promise<void>;
}

/** `folder` is the cloud's `world` setting; it is made if missing. */
export async function controlFakeWorld(folder: string): Promise<FakeWorldControl> {
  await mkdir(folder, { recursive: true });
  const world = await openFakeWorld(folder);
  let images: Record<string, string> = {};

  return {
    async script(...rules) {
      // A name of its own, so that `times` is counted anew in each script.
      const named = rules.map((rule) => Object.assign({ name: randomUUID() }, rule));
      await replaceJson(world.paths.script, named);
    },
    async image(name, variant = '') {
      images = { ...images, [variant]: name };
      await replaceJson(world.paths.images, images);
    },
    write: (node, text) => writeFile(world.diskOf(node), text),
    captures: () => world.captures.everybodys(),
    paused: (at, signal = new AbortController().signal) => awaitPause(at, world, signal),
    continue: (at) => endPause(at, world),
    journal: () => readJournal(world.paths.journal),
    resources: () => world.all(),
    async vanish(node) {
      await world.delete(node);
      await halt(node);
    },
    halt,
  };
}

async function halt(node: string): Promise<void> {
  for (const pid of await processesOfNode(node)) kill(Number(pid));
}

/** Readers see the old value or the new one, never a part. */
async function replaceJson(path: string, value: unknown): Promise<void> {
  const aside = `${path}.new`;
  await writeFile(aside, JSON.stringify(value));
  await rename(aside, path);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
