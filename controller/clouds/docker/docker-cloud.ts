import type { Cloud, CloudContext, CloudResource, Launch, Launched, NodeReference } from '../contract.ts';
import { checkNodeId } from '#controller/launchers';
import { FootmanError } from '#shared/errors';
import { tailOfLog } from './container-log.ts';
import { containerSpec } from './container-spec.ts';
import { chooseDial } from './dial.ts';
import type { Engine, Labels, Listed } from './engine.ts';
import type { EngineImage } from './engine-images.ts';
import { createGuard } from './guard.ts';
import { createCapturedImages } from './captured/index.ts';
import { ensureImage } from './images.ts';
import {
  AGENT_FOLDER,
  AGENT_VOLUME,
  CONTROLLER_LABEL,
  NODE_LABEL,
  nodeLabels,
  RUNTIME_MOUNT,
} from './names.ts';
import { conditionOfNode } from './condition.ts';
import { claimContainer, killLabelled, logsOfLabelled, removeLabelled } from './node-containers.ts';
import { createLogins } from './registry-logins.ts';
import { createRuntimeVolumes } from './runtime-volume.ts';
import type { DockerSettings, DockerTemplate } from './schema.ts';
import { tarOfSharedFolder } from './tar.ts';

const MOST_CONSOLE_BYTES = 64 * 1024;

/** Limits of the calls, in milliseconds. Preparing may pull an image, which ends by itself when it makes no progress. */
const LIMIT = {
  prepare: 3_600_000,
  start: 120_000,
  list: 30_000,
  stop: 60_000,
  remove: 120_000,
  console: 30_000,
  inspect: 30_000,
};

export function createDockerCloud(
  engine: Engine,
  settings: DockerSettings,
  context: CloudContext,
): Cloud<DockerTemplate> {
  const guard = createGuard(settings.host);
  const lifetime = new AbortController();
  const logins = createLogins(settings.registries);
  const volumes = createRuntimeVolumes(engine, context.controllerId, lifetime.signal);
  const { controllerId } = context;
  const captured = createCapturedImages({ engine, guard, host: settings.host, controllerId });
  const launches = new Map<string, Promise<Launched>>();

  return {
    capabilities: { snapshot: true, console: true, privateNetwork: false, reboot: false },
    launch: launchOnce,
    list,
    stop: (node, signal) =>
      guard(signal, LIMIT.stop, (bounded) => killLabelled(engine, labelsOf(node.id), bounded)),
    remove: (node, signal) =>
      guard(signal, LIMIT.remove, (bounded) => removeLabelled(engine, labelsOf(node.id), bounded)),
    inspect: (node, signal) =>
      guard(signal, LIMIT.inspect, (bounded) => conditionOfNode(engine, node.id, labelsOf(node.id), bounded)),
    console: readConsole,
    async currentImage({ image }, signal) {
      if (image === undefined) return null;
      const found = await guard(signal, LIMIT.inspect, (bounded) => engine.images.find(image, bounded));
      return found?.id ?? null;
    },
    images: captured,
    async close() {
      lifetime.abort();
      engine.close();
    },
  };

  /** A second call for a node waits for the first. */
  function launchOnce(launch: Launch<DockerTemplate>, signal: AbortSignal): Promise<Launched> {
    const { id } = launch.node;
    const running = launches.get(id) ?? start(launch, signal).finally(() => launches.delete(id));
    launches.set(id, running);
    return running;
  }

  async function start(launch: Launch<DockerTemplate>, signal: AbortSignal): Promise<Launched> {
    signal.throwIfAborted();
    const { node, template } = launch;
    const { endpoint, socketFolder } = chooseDial(settings, context.endpoints);
    const labels = labelsOf(node.id);
    const runtime = await context.runtime(signal);
    const [runtimeVolume, image] = await guard(signal, LIMIT.prepare, (bounded) =>
      Promise.all([volumes.ensure(runtime, bounded), imageFor(launch, bounded)]),
    );
    const command = runtime.command(RUNTIME_MOUNT);
    const spec = containerSpec({ template, image: image.name, labels, command, runtimeVolume, socketFolder });
    return guard(signal, LIMIT.start, async (bounded) => {
      const { id, running, image: made } = await claimContainer(engine, node.id, spec, bounded);
      // Were the tag moved since we looked, the pool would replace the node once more than needed.
      const launched = { resource: id, image: made ?? image.id };
      if (running) return launched;
      // Others than root can't make a folder in the volume.
      if (!isRoot(template.user ?? image.user)) {
        await engine.putArchive(id, AGENT_VOLUME, tarOfSharedFolder(AGENT_FOLDER), bounded);
      }
      const bootstrap = launch.bootstrap({ endpoint, root: `${AGENT_VOLUME}/${AGENT_FOLDER}` });
      await engine.start(id, `${JSON.stringify(bootstrap)}\n`, bounded);
      return launched;
    });
  }

  /** The image to launch from, under the name that people know it by. */
  async function imageFor(
    { image, template: { image: name, pull } }: Launch<DockerTemplate>,
    signal: AbortSignal,
  ): Promise<EngineImage & { name: string }> {
    if (image !== undefined) return captured.demand(image, signal);
    if (name !== undefined)
      return { ...(await ensureImage(engine, logins, { image: name, pull }, signal)), name };
    throw new FootmanError('cloud-refused', 'the template names no image, and the node was given none');
  }

  async function* list(signal: AbortSignal): AsyncIterable<CloudResource> {
    const ours = { [CONTROLLER_LABEL]: context.controllerId };
    const [containers, folders, networks] = await guard(signal, LIMIT.list, (bounded) =>
      Promise.all([
        engine.listContainers(ours, bounded),
        engine.listVolumes(ours, bounded),
        engine.listNetworks(ours, bounded),
      ]),
    );
    // What fills a volume has no node, and may take longer than any grace.
    yield* containers
      .map((each) => asResource('container', each))
      .filter(({ nodeId }) => !volumes.isFilling(nodeId));
    yield* folders.map((each) => asResource('volume', each));
    yield* networks.map((each) => asResource('network', each));
  }

  async function readConsole({ id }: NodeReference, signal: AbortSignal): Promise<string | null> {
    const frames = await guard(signal, LIMIT.console, (bounded) =>
      logsOfLabelled(engine, labelsOf(id), bounded),
    );
    const text = frames === undefined ? '' : tailOfLog(frames, MOST_CONSOLE_BYTES);
    return text === '' ? null : text;
  }

  function labelsOf(nodeId: string): Labels {
    checkNodeId(nodeId);
    return nodeLabels(context.controllerId, nodeId);
  }
}

function asResource(
  kind: 'container' | 'volume' | 'network',
  { id, labels, createdAt }: Listed,
): CloudResource {
  return { id, nodeId: labels[NODE_LABEL] ?? '', kind, createdAt };
}

/** By the user of an image or a template: empty, a name or a number, with or without a group. */
function isRoot(user: string): boolean {
  return ['', 'root', '0'].includes(user.split(':')[0] ?? '');
}
