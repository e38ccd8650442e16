import type { Readable } from 'node:stream';
import { abortable } from '#shared/abortable';
import { FootmanError } from '#shared/errors';
import type { CapturedImage, CloudImages, ListedImage, NodeReference } from '../../contract.ts';
import { explainEngineError, isOutOfSpace, statusOf } from '../engine-error.ts';
import type { Engine, Inspected } from '../engine.ts';
import type { EngineImage } from '../engine-images.ts';
import type { Guard } from '../guard.ts';
import { containerName, CONTROLLER_LABEL, imageRepository } from '../names.ts';
import { FailedProgress } from '../progress.ts';
import { cleanAndEnd } from './cleaning.ts';
import { removeHalfMade, removeHalfMadeOf } from './half-made.ts';
import { imageConfig, imageLabels } from './image-config.ts';
import { noImage, withTag } from './image-tar.ts';

export interface CapturedImages extends CloudImages {
  /** The image of this name, to launch from by its tag. @throws FootmanError `cloud-refused` where there is none */
  demand(name: string, signal: AbortSignal): Promise<EngineImage & { name: string }>;
}

interface Deps {
  engine: Engine;
  guard: Guard;
  /** For words. */
  host: string;
  controllerId: string;
}

/** Limits of the calls, in milliseconds; an image may have many gigabytes. */
const LIMIT = { short: 30_000, remove: 300_000, clean: 600_000, write: 3_600_000 };
const NAME = /^[A-Za-z0-9_][\w.-]{0,127}$/;

/** An image bears its name, which is a tag, as the last thing that happens to it: whatever has one is whole. */
export function createCapturedImages({ engine, guard, host, controllerId }: Deps): CapturedImages {
  const { images } = engine;
  const repository = imageRepository(controllerId);
  const captures = new Map<string, Promise<CapturedImage>>();

  return { capture: captureInTurn, find, remove, list, export: exportImage, import: importImage, demand };

  /** One that is asked for while another makes the same waits, and finds it. */
  async function captureInTurn(
    node: NodeReference,
    name: string,
    signal: AbortSignal,
  ): Promise<CapturedImage> {
    const tag = tagOf(name);
    const before = captures.get(tag)?.catch(() => undefined) ?? Promise.resolve(undefined);
    const mine = abortable(before, signal).then(() => capture(node, name, signal));
    captures.set(tag, mine);
    try {
      return await mine;
    } finally {
      if (captures.get(tag) === mine) captures.delete(tag);
    }
  }

  async function capture({ id }: NodeReference, name: string, signal: AbortSignal): Promise<CapturedImage> {
    const made = await find(name, signal);
    if (made !== null) return made;
    const container = await guard(signal, LIMIT.clean, async (bounded) => {
      const found = await containerOf(id, bounded);
      await cleanAndEnd(engine, found, bounded);
      await removeHalfMadeOf(images, controllerId, name, bounded);
      return found;
    });
    return guard(signal, LIMIT.write, (bounded) => explainingNoSpace(() => write(container, name, bounded)));
  }

  async function write(container: Inspected, name: string, signal: AbortSignal): Promise<CapturedImage> {
    const base = await images.find(container.image, signal);
    const config = imageConfig(container, base?.config, imageLabels(controllerId, name));
    const id = await images.commit(container.id, config, signal);
    const made = await images.find(id, signal);
    if (made === undefined) throw new Error(`the image ${id} is gone again`);
    await images.tag(id, repository, name, signal);
    return describe(made, tagOf(name), signal);
  }

  async function containerOf(node: string, signal: AbortSignal): Promise<Inspected> {
    const found = await engine.inspect(containerName(node), signal).catch((error: unknown) => {
      if (statusOf(error) !== 404) throw error;
    });
    if (found?.labels[CONTROLLER_LABEL] === controllerId) return found;
    throw new FootmanError('cloud-refused', `there is no container of node ${node} to capture`);
  }

  function find(name: string, signal: AbortSignal): Promise<CapturedImage | null> {
    const tag = tagOf(name);
    return guard(signal, LIMIT.short, async (bounded) => {
      const found = await images.find(tag, bounded);
      return found === undefined ? null : describe(found, tag, bounded);
    });
  }

  /** What the layers of its base take is the base's. */
  async function describe(image: EngineImage, tag: string, signal: AbortSignal): Promise<CapturedImage> {
    const base = image.parent === null ? undefined : await images.find(image.parent, signal);
    return { image: tag, bytes: image.bytes - (base?.bytes ?? 0), digest: image.id };
  }

  async function demand(name: string, signal: AbortSignal): Promise<EngineImage & { name: string }> {
    const tag = tagOf(name);
    const found = await images.find(tag, signal);
    if (found !== undefined) return { ...found, name: tag };
    throw new FootmanError('cloud-refused', `there is no image ${tag} on the Docker Engine at ${host}`);
  }

  function remove(name: string, signal: AbortSignal): Promise<void> {
    const tag = tagOf(name);
    return guard(signal, LIMIT.remove, async (bounded) => {
      try {
        await images.remove(tag, bounded);
      } catch (error) {
        if (statusOf(error) === 409) throw inUse(tag, error);
        if (statusOf(error) !== 404) throw error;
      }
      await removeHalfMade(images, controllerId, bounded);
    });
  }

  async function* list(signal: AbortSignal): AsyncIterable<ListedImage> {
    const found = await guard(signal, LIMIT.remove, async (bounded) => {
      await removeHalfMade(images, controllerId, bounded);
      return images.listRepository(repository, bounded);
    });
    const prefix = tagOf('');
    for (const { tags, createdAt } of found) {
      for (const tag of tags) if (tag.startsWith(prefix)) yield { name: tag.slice(prefix.length), createdAt };
    }
  }

  async function exportImage(name: string, signal: AbortSignal) {
    // By its id: a file that named a tag would take it from another image.
    const { id } = await guard(signal, LIMIT.short, (bounded) => demand(name, bounded));
    const content = await images.save(id, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw explainEngineError(error, host);
    });
    return { content, suffix: '.tar' };
  }

  async function importImage(name: string, content: Readable, signal: AbortSignal): Promise<CapturedImage> {
    const tag = tagOf(name);
    const made = await find(name, signal);
    if (made !== null) return made;
    await guard(signal, LIMIT.write, (bounded) =>
      explainingNoSpace(() => images.load(withTag(content, tag), bounded)),
    );
    const found = await find(name, signal);
    if (found === null) throw noImage('the engine found none in it');
    return found;
  }

  function tagOf(name: string): string {
    if (name === '' || NAME.test(name)) return `${repository}:${name}`;
    throw new FootmanError('cloud-refused', `${JSON.stringify(name)} can't be the name of an image`);
  }

  /** A full disk says nothing against the cloud: there is room again when others have gone. */
  async function explainingNoSpace<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (isOutOfSpace(error)) {
        const sentence = `the Docker Engine at ${host} has no room left on its disk for the image`;
        throw new FootmanError('cloud-aborted', sentence, {
          hint: 'docker system df shows what uses it',
          cause: error,
        });
      }
      if (error instanceof FailedProgress) throw noImage(error.message, error);
      throw error;
    }
  }
}

function inUse(tag: string, cause: unknown): FootmanError {
  return new FootmanError('cloud-refused', `the image ${tag} can't be removed: a container stands on it`, {
    hint: 'it can be removed when that node is gone',
    cause,
  });
}
