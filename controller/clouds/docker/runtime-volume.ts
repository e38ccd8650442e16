import { randomUUID } from 'node:crypto';
import { tarOfFolder } from '#controller/archives';
import type { RuntimeFolder } from '#controller/launchers';
import { abortable } from '#shared/abortable';
import { statusOf } from './engine-error.ts';
import type { Engine } from './engine.ts';
import { containerName, nodeLabels, RUNTIME_LABEL, RUNTIME_MOUNT } from './names.ts';
import { removeContainer } from './node-containers.ts';
import { emptyTar, tarOfMarker } from './tar.ts';

const EMPTY_IMAGE = 'footman/empty:1';
const MARKER = '.complete';
/** In milliseconds; the runtime is 150 MiB, and the way to the engine may be slow. */
const FILL_LIMIT = 600_000;

export interface RuntimeVolumes {
  /** Name of the volume that holds the runtime, filled if need be. */
  ensure(runtime: RuntimeFolder, signal: AbortSignal): Promise<string>;
  /** Whether this is the node tag of a container that fills a volume now. */
  isFilling(nodeId: string): boolean;
}

/**
 * Runtimes as volumes of the engine's, each named by its digest and filled once, by a container that is never started, so that it works for
 * an engine on another machine and needs no image. A marker is written last: a volume that is half filled is filled again. Two controllers
 * may fill one volume at the same time: they write the same bytes.
 *
 * `lifetime` ends a fill that is under way; several launches wait for one, and each may give up for itself.
 */
export function createRuntimeVolumes(
  engine: Engine,
  controllerId: string,
  lifetime: AbortSignal,
): RuntimeVolumes {
  const complete = new Set<string>();
  const filling = new Map<string, Promise<void>>();
  const helpers = new Set<string>();

  return { ensure, isFilling: (nodeId) => helpers.has(nodeId) };

  async function ensure(runtime: RuntimeFolder, signal: AbortSignal): Promise<string> {
    const name = `footman-runtime-${runtime.digest}`;
    // Asked each time: somebody may prune volumes, and an engine makes an empty one of a name that it doesn't know.
    if (complete.has(name) && (await engine.hasVolume(name, signal))) return name;
    let filled = filling.get(name);
    if (filled === undefined) {
      filled = fill(name, runtime).finally(() => filling.delete(name));
      filling.set(name, filled);
    }
    await abortable(filled, signal);
    return name;
  }

  async function fill(name: string, runtime: RuntimeFolder): Promise<void> {
    const signal = AbortSignal.any([lifetime, AbortSignal.timeout(FILL_LIMIT)]);
    complete.delete(name);
    await engine.createVolume(name, { [RUNTIME_LABEL]: runtime.digest }, signal);
    const tag = `runtime-${randomUUID()}`;
    helpers.add(tag);
    try {
      await fillThrough(await createHelper(tag, name, signal), name, runtime, signal);
    } finally {
      helpers.delete(tag);
    }
  }

  async function fillThrough(
    helper: string,
    name: string,
    runtime: RuntimeFolder,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      if (!(await engine.hasPath(helper, `${RUNTIME_MOUNT}/${MARKER}`, signal))) {
        await engine.putArchive(helper, RUNTIME_MOUNT, tarOfFolder(runtime.path), signal);
        await engine.putArchive(helper, RUNTIME_MOUNT, tarOfMarker(MARKER), signal);
      }
      complete.add(name);
    } finally {
      await removeContainer(engine, helper, signal);
    }
  }

  /** It bears our tags as a node does, so that the sweep finds one that a dying controller left. */
  async function createHelper(id: string, volume: string, signal: AbortSignal): Promise<string> {
    const spec = {
      Image: EMPTY_IMAGE,
      Cmd: ['never-started'],
      Labels: nodeLabels(controllerId, id),
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [{ Type: 'volume' as const, Source: volume, Target: RUNTIME_MOUNT }],
      },
    };
    const create = () => engine.create(containerName(id), spec, signal);
    try {
      return await create();
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      await engine.images.importFiles(EMPTY_IMAGE, emptyTar(), signal);
      return await create();
    }
  }
}
