import type Docker from 'dockerode';
import { addAbortSignal, type Readable } from 'node:stream';
import { abortable } from '#shared/abortable';
import { statusOf } from './engine-error.ts';
import { readProgress } from './progress.ts';

export type ImageConfig = Docker.ImageInspectInfo['Config'];

export interface EngineImage {
  id: string;
  /** Who its containers run as; empty is root. */
  user: string;
  /** Id of the image that it was made from, where the engine knows one. */
  parent: string | null;
  /** With all its layers. */
  bytes: number;
  /** What containers that are made from it get. */
  config: ImageConfig;
}

export interface ListedTags {
  id: string;
  /** Whole, as `repository:tag`. */
  tags: string[];
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export interface RegistryLogin {
  username: string;
  password: string;
  serveraddress: string;
}

/** What we need of a Docker Engine's images, as `Engine` is of the rest. */
export interface EngineImages {
  /** Undefined when there is no such image. */
  find(image: string, signal: AbortSignal): Promise<EngineImage | undefined>;
  /** Events of the pull, one by one; a pull that fails on its way ends with an `error` event. */
  pull(image: string, login: RegistryLogin | undefined, signal: AbortSignal): Promise<Readable>;
  /** Makes an image of these files, with nothing else in it. */
  importFiles(name: string, tar: Readable, signal: AbortSignal): Promise<void>;
  /** Makes an image of the container's files, without a tag, and returns its id. What the config leaves out is the container's. */
  commit(container: string, config: object, signal: AbortSignal): Promise<string>;
  tag(id: string, repository: string, tag: string, signal: AbortSignal): Promise<void>;
  /** Takes the tag away, and the image with its last one; images that it was made from stay. */
  remove(image: string, signal: AbortSignal): Promise<void>;
  listRepository(repository: string, signal: AbortSignal): Promise<ListedTags[]>;
  /** Images that have no tag, and of which no other one was made. */
  listUntagged(labels: readonly string[], signal: AbortSignal): Promise<ListedTags[]>;
  /** The image as a tar, which `load` takes. */
  save(image: string, signal: AbortSignal): Promise<Readable>;
  /** @throws FailedProgress where the engine does not take what it was sent */
  load(tar: Readable, signal: AbortSignal): Promise<void>;
}

export function createEngineImages(docker: Docker): EngineImages {
  return {
    async find(image, signal) {
      const found = await abortable(docker.getImage(image).inspect(), signal).catch(unlessMissing);
      if (found === undefined) return undefined;
      const { Id: id, Parent, Size: bytes, Config: config } = found;
      return { id, user: config?.User ?? '', parent: Parent || null, bytes, config };
    },
    async pull(image, authconfig, abortSignal) {
      return (await docker.pull(image, { abortSignal, ...(authconfig && { authconfig }) })) as Readable;
    },
    async importFiles(name, tar, abortSignal) {
      const separator = name.lastIndexOf(':');
      const options = { repo: name.slice(0, separator), tag: name.slice(separator + 1), abortSignal };
      const answer = (await docker.importImage(tar, options)) as Readable;
      await answer.forEach(() => {});
    },
    async commit(container, config, abortSignal) {
      const request = { _query: { container }, _body: config, abortSignal };
      const made = (await docker.getContainer(container).commit(request)) as { Id: string };
      return made.Id;
    },
    async tag(id, repo, tag, abortSignal) {
      await docker.getImage(id).tag({ repo, tag, abortSignal });
    },
    async remove(image, abortSignal) {
      await docker.getImage(image).remove({ noprune: true, abortSignal });
    },
    async listRepository(repository, abortSignal) {
      const found = await docker.listImages({ filters: { reference: [repository] }, abortSignal });
      return found.map(asListed);
    },
    async listUntagged(label, abortSignal) {
      const filters = { dangling: ['true'], label: [...label] };
      return (await docker.listImages({ filters, abortSignal })).map(asListed);
    },
    async save(image, signal) {
      const asked = docker.getImage(image).get() as Promise<Readable>;
      // Whoever gave up takes no answer any more.
      asked.then(
        (late) => signal.aborted && late.destroy(),
        () => undefined,
      );
      return addAbortSignal(signal, await abortable(asked, signal));
    },
    async load(tar, signal) {
      const broken = new AbortController();
      tar.once('error', (error) => broken.abort(error));
      try {
        const abortSignal = AbortSignal.any([signal, broken.signal]);
        await readProgress((await docker.loadImage(tar, { quiet: true, abortSignal })) as Readable);
      } catch (error) {
        broken.signal.throwIfAborted();
        throw error;
      }
    },
  };
}

function asListed({ Id: id, RepoTags, Created }: Docker.ImageInfo): ListedTags {
  return { id, tags: RepoTags ?? [], createdAt: Created * 1000 };
}

function unlessMissing(error: unknown): undefined {
  if (statusOf(error) !== 404) throw error;
}
