import { mkdir, rm, symlink } from 'node:fs/promises';
import { abortable } from '#shared/abortable';
import type { SshLauncher } from '#controller/launchers/ssh';
import type { Logger } from '#controller/logger';
import { runProgram } from '#controller/programs';
import type { CloudContext } from '../../contract.ts';
import { endMachine, makeOverlay, readImage, readMachineProcesses } from '../machine/index.ts';
import type { Accelerator, MachineFolder, MachineTag, SavedState } from '../machine/index.ts';
import type { NodeRecord } from '../node-record.ts';
import type { PutRuntime } from '../runtime-disk.ts';
import { checkRoom } from '../room.ts';
import type { QemuTemplate } from '../schema.ts';
import { createBackoff } from './backoff.ts';
import { PORT_NAME } from './guest-program.ts';
import { keyOf, lineOf } from './key.ts';
import { prepare } from './prepare.ts';
import { createStates } from './states.ts';
import { wake } from './wake.ts';

/** Saved states of booted machines, from which new ones start. No launch waits for one, and none fails by one. */
export interface FastStarts {
  /** The state that a machine of the template can start from now, or null: then one is being prepared, unless that failed lately. */
  find(template: QemuTemplate, image: Image, signal: AbortSignal): Promise<string | null>;
  /** Prepares it now, unless it is there, and returns its key. */
  ensure(template: QemuTemplate, image: Image, signal: AbortSignal): Promise<string>;
  /**
   * Starts the node's machine from the state that its record names; whether that succeeded. Where not, its QEMU is gone, and the state is
   * not used again. `start` starts QEMU.
   */
  resume(
    record: NodeRecord,
    place: { tag: MachineTag; folder: MachineFolder },
    start: (saved: SavedState) => Promise<NodeRecord>,
    signal: AbortSignal,
  ): Promise<NodeRecord | undefined>;
  /** A machine that woke from the state has its agent. */
  cameUp(key: string): void;
  /** One that woke from it never got there. After two in a row the state is not used again. */
  didNotComeUp(key: string): Promise<void>;
  /** Removes states that nobody wants and nobody stands on. */
  tidy(): Promise<void>;
  /** Removes the states that stand on the image and under no node, also one that is being prepared. */
  leaveImage(image: string): Promise<void>;
  /** Ends what is being prepared. */
  close(): Promise<void>;
}

interface Deps {
  folder: string;
  program: string;
  controllerId: string;
  cloud: string;
  runtime: CloudContext['runtime'];
  putRuntime: PutRuntime;
  launcher: SshLauncher;
  logger: Logger;
  accelerator(signal: AbortSignal): Promise<Accelerator>;
  /** Keys of the states that nodes stand on, of all controllers. */
  used(): Promise<ReadonlySet<string>>;
}

/** The image of a node, as its record has it. */
type Image = NodeRecord['image'];

/** From the start of QEMU to a saved state. */
const PREPARATION_LIMIT_MS = 600_000;
/** Its machines are none of the cloud's nodes: no sweep sees them. */
const CLOUD_SUFFIX = '/fast-start';

/** Ends what an earlier life of the controller was preparing. */
export async function openFastStarts(deps: Deps): Promise<FastStarts> {
  const { program, controllerId, launcher, logger, putRuntime } = deps;
  const states = createStates(deps.folder, controllerId);
  const cloud = `${deps.cloud}${CLOUD_SUFFIX}`;
  const backoff = createBackoff(Date.now);
  const closing = new AbortController();
  /** States whose last machine did not come up. */
  const lost = new Set<string>();
  let underWay: { image: string; abort: AbortController; done: Promise<void> } | undefined;
  let version: Promise<string> | undefined;
  await mkdir(deps.folder, { recursive: true, mode: 0o700 });
  await endEarlier();

  return {
    async find(template, image, signal) {
      const key = await keyFor(template, image, signal);
      if ((await states.find(key)) !== undefined) return key;
      if (underWay === undefined && backoff.isDue(key)) begin(key, template, image.path);
      return null;
    },
    async ensure(template, image, signal) {
      const key = await keyFor(template, image, signal);
      if ((await states.find(key)) === undefined) await prepareAside(key, template, image.path, signal);
      return key;
    },
    resume,
    cameUp: (key) => void lost.delete(key),
    async didNotComeUp(key) {
      if (lost.has(key)) await states.discard(key);
      lost.add(key);
    },
    tidy,
    async leaveImage(image) {
      if (underWay?.image === image) {
        underWay.abort.abort(new Error('its image is being removed'));
        await underWay.done;
      }
      await states.removeOn(image, await deps.used());
    },
    async close() {
      closing.abort(new Error('the cloud is being closed'));
      await underWay?.done;
    },
  };

  /** What can't be removed now is removed another time. */
  async function tidy(): Promise<void> {
    try {
      await states.tidy(await deps.used());
    } catch (error) {
      logger.warn({ err: error }, 'old states of fast starts were not removed');
    }
  }

  async function endEarlier(): Promise<void> {
    for (const { tag } of await readMachineProcesses()) {
      if (tag.controller === controllerId && tag.cloud === cloud) await endMachine(tag, closing.signal);
    }
    await states.removeAsides();
    await tidy();
  }

  async function keyFor(template: QemuTemplate, image: Image, signal: AbortSignal): Promise<string> {
    version ??= runProgram(
      { file: program, args: ['--version'], package: 'qemu-system-x86' },
      closing.signal,
    );
    version.catch(() => (version = undefined));
    const [said, accelerator, { digest }] = await Promise.all([
      abortable(version, signal),
      deps.accelerator(signal),
      deps.runtime(signal),
    ]);
    return keyOf({ template, imageStamp: image.stamp, runtime: digest, version: said, accelerator });
  }

  /** While nobody waits for it. */
  function begin(key: string, template: QemuTemplate, image: string): void {
    const abort = new AbortController();
    const done = prepareAside(key, template, image, abort.signal)
      .catch((error: unknown) => {
        if (closing.signal.aborted || abort.signal.aborted) return;
        backoff.failed(key);
        logger.warn({ err: error, image }, 'a fast start could not be prepared; machines boot as usual');
      })
      .finally(() => (underWay = undefined));
    underWay = { image, abort, done };
  }

  async function prepareAside(
    key: string,
    template: QemuTemplate,
    image: string,
    enough: AbortSignal,
  ): Promise<void> {
    const signal = AbortSignal.any([closing.signal, enough, AbortSignal.timeout(PREPARATION_LIMIT_MS)]);
    const { machine, state } = await states.makeAside(key);
    const tag = { controller: controllerId, cloud, node: key };
    const accelerator = await deps.accelerator(signal);
    const preparation = { program, tag, machine, state, template, image, accelerator, putRuntime, launcher };
    try {
      await checkRoom(machine.path, template.memory);
      logger.info({ image, key }, 'preparing a fast start');
      await prepare(preparation, signal);
      await states.adopt(key, { line: lineOf(template, image), image });
      backoff.succeeded(key);
      logger.info({ image, key }, 'a fast start is ready');
      await states.tidy(await deps.used(), key);
    } catch (error) {
      await states.removeAside(key);
      throw error;
    }
  }

  async function resume(
    record: NodeRecord,
    { tag, folder }: { tag: MachineTag; folder: MachineFolder },
    start: (saved: SavedState) => Promise<NodeRecord>,
    signal: AbortSignal,
  ): Promise<NodeRecord | undefined> {
    const key = record.fastStart ?? '';
    const state = await states.find(key);
    if (state === undefined) return undefined;
    try {
      await makeOverlay(folder, await readImage(state.disk, signal), null, signal);
      // The very disk that the guest knows.
      await rm(folder.runtime, { force: true });
      await symlink(state.runtime, folder.runtime);
      const started = await start({ memory: state.memory, way: 'read', port: PORT_NAME });
      await wake(state, folder, started, signal);
      return started;
    } catch (error) {
      await endMachine(tag, signal);
      signal.throwIfAborted();
      logger.warn(
        { err: error, node: record.node },
        'a machine did not start from its saved state; it boots now',
      );
      await states.discard(key);
      return undefined;
    }
  }
}
