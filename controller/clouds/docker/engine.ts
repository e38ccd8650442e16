import type Docker from 'dockerode';
import type { Readable } from 'node:stream';
import { reachEngine } from './engine-host.ts';
import type { DockerSettings } from './schema.ts';
import { attachInput } from './attach-input.ts';
import { statusOf } from './engine-error.ts';
import { createEngineImages, type EngineImages } from './engine-images.ts';
import { runInContainer, type Ran } from './run-in-container.ts';

export type ContainerSpec = Docker.ContainerCreateOptions;
export type Labels = Record<string, string>;

export interface Listed {
  id: string;
  labels: Labels;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export interface Inspected {
  id: string;
  running: boolean;
  exitCode: number;
  /** The kernel has ended something in it for want of memory. */
  outOfMemory: boolean;
  labels: Labels;
  /** Id of the image that it was made from, whatever its tag names by now. */
  image: string;
  /** What it starts. */
  command: string[];
  /** Each as `NAME=value`. */
  environment: string[];
  /** Who it runs as; empty is root. */
  user: string;
}

/**
 * What we need of a Docker Engine, each a request or two. All take a signal; all throw what the transport throws, which
 * `explainEngineError` turns into a sentence and `statusOf` into the answer's HTTP status.
 */
export interface Engine {
  /** Returns the container's id. */
  create(name: string, spec: ContainerSpec, signal: AbortSignal): Promise<string>;
  /** Hands the input to the container's standard input, ends that, and starts the container. */
  start(id: string, input: string, signal: AbortSignal): Promise<void>;
  inspect(name: string, signal: AbortSignal): Promise<Inspected>;
  kill(id: string, signal: AbortSignal): Promise<void>;
  /** Kills it, and removes it with its anonymous volumes. */
  remove(id: string, signal: AbortSignal): Promise<void>;
  /** Resolves once a container whose removal is under way is gone. */
  waitRemoved(id: string, signal: AbortSignal): Promise<void>;
  /** All that is kept of the output, in frames of Docker's stream format. */
  logs(id: string, signal: AbortSignal): Promise<Buffer>;
  /** Runs the command in the container, as root with what the container may do; resolves when it has ended. */
  run(id: string, command: readonly string[], signal: AbortSignal): Promise<Ran>;
  hasPath(id: string, path: string, signal: AbortSignal): Promise<boolean>;
  putArchive(id: string, path: string, tar: Readable, signal: AbortSignal): Promise<void>;
  listContainers(labels: Labels, signal: AbortSignal): Promise<Listed[]>;
  listVolumes(labels: Labels, signal: AbortSignal): Promise<Listed[]>;
  createVolume(name: string, labels: Labels, signal: AbortSignal): Promise<void>;
  hasVolume(name: string, signal: AbortSignal): Promise<boolean>;
  removeVolume(name: string, signal: AbortSignal): Promise<void>;
  listNetworks(labels: Labels, signal: AbortSignal): Promise<Listed[]>;
  removeNetwork(id: string, signal: AbortSignal): Promise<void>;
  readonly images: EngineImages;
  close(): void;
}

/** Opens an engine through dockerode, which is loaded only now, and asks it nothing. */
export async function openEngine(settings: Pick<DockerSettings, 'host' | 'tls'>): Promise<Engine> {
  const { default: Dockerode } = await import('dockerode');
  const { agent, ...reached } = await reachEngine(settings);
  // What is undefined here would otherwise come from DOCKER_HOST and its like.
  const unset = {
    host: undefined,
    port: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
  };
  const docker = new Dockerode({ ...unset, ...reached, agent } as Docker.DockerOptions);
  const container = (id: string) => docker.getContainer(id);

  return {
    async create(name, spec, abortSignal) {
      // Without the split, dockerode sends the whole body in the URL too.
      const created = await docker.createContainer({
        _query: { name },
        _body: spec,
        abortSignal,
      } as ContainerSpec);
      return created.id;
    },
    async start(id, input, abortSignal) {
      const stdin = await attachInput(docker, id, abortSignal);
      try {
        stdin.end(input);
        await container(id).start({ abortSignal });
      } catch (error) {
        stdin.destroy();
        throw error;
      }
    },
    async inspect(name, abortSignal) {
      const { Id, State, Config, Image } = await container(name).inspect({ abortSignal });
      const { Running: running, ExitCode: exitCode, OOMKilled: outOfMemory } = State;
      const { Labels: labels, Entrypoint, Env, User: user } = Config;
      const command = [Entrypoint ?? []].flat();
      const environment = (Env as string[] | null) ?? [];
      return { id: Id, running, exitCode, outOfMemory, labels, image: Image, command, environment, user };
    },
    async kill(id, abortSignal) {
      await container(id).kill({ signal: 'SIGKILL', abortSignal });
    },
    async remove(id, abortSignal) {
      await container(id).remove({ force: true, v: true, abortSignal } as Docker.ContainerRemoveOptions);
    },
    async waitRemoved(id, abortSignal) {
      await container(id).wait({ condition: 'removed', abortSignal });
    },
    logs: (id, abortSignal) => container(id).logs({ stdout: true, stderr: true, follow: false, abortSignal }),
    run: (id, command, abortSignal) => runInContainer(docker, id, command, abortSignal),
    hasPath: (id, path, abortSignal) => isFound(container(id).infoArchive({ path, abortSignal })),
    async putArchive(id, path, tar, abortSignal) {
      await container(id).putArchive(tar, { path, abortSignal });
    },
    async listContainers(labels, abortSignal) {
      const found = await docker.listContainers({ all: true, filters: filterBy(labels), abortSignal });
      return found.map(({ Id, Labels, Created }) => ({ id: Id, labels: Labels, createdAt: Created * 1000 }));
    },
    async listVolumes(labels, abortSignal) {
      const { Volumes } = await docker.listVolumes({ filters: filterBy(labels), abortSignal });
      return Volumes.map(asListedVolume);
    },
    async createVolume(Name, Labels, abortSignal) {
      await docker.createVolume({ Name, Labels, abortSignal });
    },
    hasVolume: (name, abortSignal) => isFound(docker.getVolume(name).inspect({ abortSignal })),
    async removeVolume(name, abortSignal) {
      await docker.getVolume(name).remove({ abortSignal });
    },
    async listNetworks(labels, abortSignal) {
      const found = await docker.listNetworks({ filters: filterBy(labels), abortSignal });
      return found.map(({ Id, Labels, Created }) => ({
        id: Id,
        labels: Labels ?? {},
        createdAt: Date.parse(Created),
      }));
    },
    async removeNetwork(id, abortSignal) {
      await docker.getNetwork(id).remove({ abortSignal });
    },
    images: createEngineImages(docker),
    close: () => agent.destroy(),
  };
}

function filterBy(labels: Labels): { label: string[] } {
  return { label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) };
}

function asListedVolume(volume: Docker.VolumeInspectInfo): Listed {
  const createdAt = 'CreatedAt' in volume ? Date.parse(String(volume.CreatedAt)) : 0;
  return { id: volume.Name, labels: volume.Labels, createdAt };
}

function unlessMissing(error: unknown): undefined {
  if (statusOf(error) !== 404) throw error;
}

function isFound(answer: Promise<unknown>): Promise<boolean> {
  return answer.then(
    () => true,
    (error: unknown) => unlessMissing(error) ?? false,
  );
}
