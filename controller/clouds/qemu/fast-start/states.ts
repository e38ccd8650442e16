import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, readJson, removeTree, replaceFile } from '#controller/files';
import { machineFolder, type MachineFolder } from '../machine/index.ts';
import { ownerOf } from '../owner.ts';

/**
 * A saved state: files that are never written again. It is whole where it has its note.
 *
 *     disk.qcow2   the disk as it was, over the image; nodes' disks stand on it
 *     runtime.iso  the disk with the agent's runtime that it has in use
 *     memory       the memory, of which each machine maps a copy of its own
 *     devices      the rest of the machine
 *     state.json   the note
 */
export interface State {
  path: string;
  disk: string;
  runtime: string;
  memory: string;
  devices: string;
}

const Note = z.object({
  /** The line of states that it belongs to. */
  line: z.string(),
  /** The file of the image that its disk stands on. */
  image: z.string(),
});
type Note = z.infer<typeof Note>;

/** The states of a cloud. */
export interface States {
  /** Undefined where it is not there, or not whole. */
  find(key: string): Promise<State | undefined>;
  /** An empty folder to make a state in, of this controller alone; what an earlier try left there is gone. */
  makeAside(key: string): Promise<{ machine: MachineFolder; state: State }>;
  /** What was made aside is whole: it gets its name. */
  adopt(key: string, note: Note): Promise<void>;
  removeAside(key: string): Promise<void>;
  /** Nobody starts from it any more; it is removed once it stands under nobody. */
  discard(key: string): Promise<void>;
  /** Removes asides of this controller. */
  removeAsides(): Promise<void>;
  /** Removes what stands under none of `used`, and is not whole, was not used for long, or has `newer` in its line. */
  tidy(used: ReadonlySet<string>, newer?: string): Promise<void>;
  /** Removes those that stand on the image, but for the used ones. */
  removeOn(image: string, used: ReadonlySet<string>): Promise<void>;
}

const NOTE = 'state.json';
const KEY = /^[0-9a-f]{32}$/;
const LONG_MS = 7 * 86_400_000;

export function createStates(folder: string, controllerId: string): States {
  const prefix = `making-${ownerOf(controllerId)}-`;
  return {
    async find(key) {
      const state = stateOf(key);
      if ((await noteOf(key)) === undefined) return undefined;
      // A state that is in use is not old.
      await utimes(join(state.path, NOTE), new Date(), new Date()).catch(() => undefined);
      return state;
    },
    async makeAside(key) {
      const { path } = asideOf(key);
      await removeTree(path);
      await mkdir(path, { recursive: true, mode: 0o700 });
      return { machine: machineFolder(path), state: asideOf(key) };
    },
    async adopt(key, note) {
      const aside = asideOf(key);
      await rename(machineFolder(aside.path).overlay, aside.disk);
      const whole = ['disk.qcow2', 'runtime.iso', 'memory', 'devices'];
      for (const name of await readdir(aside.path)) {
        if (!whole.includes(name)) await rm(join(aside.path, name), { recursive: true, force: true });
      }
      for (const name of whole) await sync(join(aside.path, name));
      await replaceFile(join(aside.path, NOTE), JSON.stringify(note));
      await removeTree(stateOf(key).path);
      await rename(aside.path, stateOf(key).path);
    },
    removeAside: (key) => removeTree(asideOf(key).path),
    discard: (key) => rm(join(stateOf(key).path, NOTE), { force: true }),
    async removeAsides() {
      for (const name of await names()) if (name.startsWith(prefix)) await removeTree(join(folder, name));
    },
    async tidy(used, newer) {
      const line = newer === undefined ? undefined : (await noteOf(newer))?.line;
      for (const key of (await names()).filter(
        (name) => KEY.test(name) && name !== newer && !used.has(name),
      )) {
        const note = await noteOf(key);
        if (note === undefined || note.line === line || (await isOld(key)))
          await removeTree(stateOf(key).path);
      }
    },
    async removeOn(image, used) {
      for (const key of (await names()).filter((name) => KEY.test(name) && !used.has(name))) {
        if ((await noteOf(key))?.image === image) await removeTree(stateOf(key).path);
      }
    },
  };

  async function names(): Promise<string[]> {
    try {
      return await readdir(folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async function noteOf(key: string): Promise<Note | undefined> {
    return Note.safeParse(await readJson(join(stateOf(key).path, NOTE))).data;
  }

  async function isOld(key: string): Promise<boolean> {
    return (await stat(join(stateOf(key).path, NOTE))).mtimeMs < Date.now() - LONG_MS;
  }

  function stateOf(key: string): State {
    return stateIn(join(folder, key));
  }

  function asideOf(key: string): State {
    return stateIn(join(folder, `${prefix}${key}`));
  }
}

function stateIn(path: string): State {
  return {
    path,
    disk: join(path, 'disk.qcow2'),
    runtime: join(path, 'runtime.iso'),
    memory: join(path, 'memory'),
    devices: join(path, 'devices'),
  };
}

async function sync(path: string): Promise<void> {
  await using file = await open(path);
  await file.sync();
}
