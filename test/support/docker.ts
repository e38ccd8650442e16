import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { createDaemon, DAEMON } from '#test/docker-daemon';
import { endShims } from '#test/docker-shims';
import { claimSlot } from '#test/docker-slot';
import { isAlive } from '#test/is-alive';

/** A Docker Engine of this test's own: no test touches the machine's. */
export interface TestEngine {
  /** As a cloud's `host` setting: `unix:///…`. */
  host: string;
  /** A client of the tests' own, to look behind the back of what they test. */
  docker: Docker;
  /** Sees to it that the engine has one of the images of `scripts/make-image.sh`, and returns its name. */
  image(name: ImageName): Promise<string>;
  /** Removes all containers, what else bears a node's label, and captured images; volumes that hold an agent's runtime stay. */
  clear(): Promise<void>;
  /**
   * SIGTERM to dockerd; resolves when it is gone. Its containers are stopped with it, unless it was started with `--live-restore`: then they
   * go on by themselves.
   */
  halt(): Promise<void>;
  /** Ends it with its containers, all at once, as when its machine loses its power. */
  kill(): Promise<void>;
  /** After `halt` or `kill`: on the same socket and the same data, with the containers that were there. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export type ImageName = keyof typeof IMAGES;

interface Options {
  /** Further arguments of dockerd. */
  arguments?: string[];
  /** With rules in the machine's firewall, so that containers on the bridge reach the network. */
  network?: boolean;
  signal?: AbortSignal;
}

const IMAGES = { busybox: 'footman/busybox:static', debian: 'footman/debian:bookworm' } as const;
const MAKE_IMAGE = fileURLToPath(new URL('../../scripts/make-image.sh', import.meta.url));
const SYS_ADMIN = 21n;
const run = promisify(execFile);

/** Why no engine can be started here; undefined when one can. */
export function dockerMissing(): string | undefined {
  for (const program of [DAEMON, 'ip']) if (!isOnPath(program)) return `${program} is not installed`;
  const [, effective = '0'] = /^CapEff:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (((BigInt(`0x${effective}`) >> SYS_ADMIN) & 1n) === 0n)
    return 'dockerd needs to be root, with CAP_SYS_ADMIN';
  return undefined;
}

/**
 * Starts an engine on a Unix socket. Its data is kept in `.cache` for the next run, for the sake of the images. It is stopped by `stop`,
 * when the signal aborts, or when this process ends.
 */
export async function startEngine({
  signal,
  network = false,
  ...options
}: Options = {}): Promise<TestEngine> {
  const slot = await claimSlot();
  // Sockets have short paths.
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const socketPath = join(folder, 'docker.sock');
  const execRoot = join(folder, 'exec');
  const bridge = await makeBridge(slot.number);
  const daemon = createDaemon(daemonArguments(), signal);
  await daemon.start();
  const docker = new Docker({ socketPath });
  await clear();
  await removeVolumes(['footman.runtime']);

  return {
    host: `unix://${socketPath}`,
    docker,
    image,
    clear,
    halt: daemon.stop,
    kill,
    resume: daemon.start,
    stop,
  };

  function daemonArguments(): string[] {
    return [
      `--data-root=${slot.dataRoot}`,
      `--exec-root=${execRoot}`,
      `--pidfile=${slot.pidFile}`,
      `--host=unix://${socketPath}`,
      // Its own: an engine with --bridge=none deletes docker0, which is the machine's.
      `--bridge=${bridge}`,
      ...(network ? [] : ['--iptables=false', '--ip6tables=false']),
      ...(options.arguments ?? []),
    ];
  }

  async function image(name: ImageName): Promise<string> {
    const tag = IMAGES[name];
    const tar = (await run(MAKE_IMAGE, [name])).stdout.trim();
    const label = `footman.tar=${basename(tar)}`;
    const found = await docker.listImages({ filters: { label: [label], reference: [tag] } });
    if (found.length > 0) return tag;
    const [repo, version] = tag.split(':');
    const answer = await docker.importImage(tar, { repo, tag: version, changes: `LABEL ${label}` });
    for await (const _ of answer as AsyncIterable<Buffer>) continue;
    return tag;
  }

  async function clear(): Promise<void> {
    const containers = await docker.listContainers({ all: true });
    await Promise.all(containers.map(({ Id }) => removeContainer(docker.getContainer(Id))));
    await removeVolumes(['footman.node']);
    const images = await docker.listImages({ filters: { label: ['footman.image'] } });
    await Promise.all(images.map(({ Id }) => docker.getImage(Id).remove({ force: true }).catch(unlessGone)));
    const networks = await docker.listNetworks({ filters: { label: ['footman.node'] } });
    await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
  }

  async function removeVolumes(label: string[]): Promise<void> {
    const { Volumes } = await docker.listVolumes({ filters: { label } });
    await Promise.all(Volumes.map(({ Name }) => docker.getVolume(Name).remove()));
  }

  async function kill(): Promise<void> {
    await daemon.kill();
    const containerd = join(execRoot, 'containerd');
    await endProcessOf(join(containerd, 'containerd.pid'));
    await endShims(join(containerd, 'containerd.sock'));
  }

  async function stop(): Promise<void> {
    // Only an engine that runs can remove what a test that failed has left.
    if (!daemon.isRunning()) await daemon.start();
    // One that stops would wait for its containers.
    await clear();
    await daemon.dispose();
    await endShims(join(execRoot, 'containerd/containerd.sock'));
    await run('ip', ['link', 'delete', bridge]);
    await rm(folder, { recursive: true, force: true });
    await slot.release();
  }
}

/** The file goes, too: a process that nobody has reaped yet looks alive to dockerd. */
async function endProcessOf(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8'));
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  await rm(pidFile);
}

/** One image may have stood on another. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 404)) throw error;
}

async function removeContainer(container: Docker.Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch {
    // Somebody else is removing it.
    await container.wait({ condition: 'removed' }).catch(() => {});
  }
}

async function makeBridge(slot: number): Promise<string> {
  const name = `footman${slot}`;
  // One may be left of a run that was killed.
  await run('ip', ['link', 'delete', name]).catch(() => {});
  await run('ip', ['link', 'add', name, 'type', 'bridge']);
  await run('ip', ['address', 'add', `172.31.${200 + slot}.1/24`, 'dev', name]);
  await run('ip', ['link', 'set', name, 'up']);
  return name;
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
