import { FootmanError } from '#shared/errors';
import { statusOf } from './engine-error.ts';
import type { ContainerSpec, Engine, Labels } from './engine.ts';
import { containerName, CONTROLLER_LABEL } from './names.ts';

interface Claimed {
  id: string;
  /** It was there already, and its agent runs. */
  running: boolean;
  /** Id of the image of one that was there already. */
  image: string | null;
}

/** Creates the node's container, or finds the one that an earlier launch made; what that left half done is made anew. */
export async function claimContainer(
  engine: Engine,
  nodeId: string,
  spec: ContainerSpec & { Labels: Labels },
  signal: AbortSignal,
): Promise<Claimed> {
  const name = containerName(nodeId);
  const create = async () => ({ id: await engine.create(name, spec, signal), running: false, image: null });
  try {
    return await create();
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
  }
  const found = await unlessMissing(engine.inspect(name, signal));
  if (found === undefined) return create();
  if (found.labels[CONTROLLER_LABEL] !== spec.Labels[CONTROLLER_LABEL]) throw foreign(name);
  if (found.running) return { id: found.id, running: true, image: found.image };
  await removeContainer(engine, found.id, signal);
  return create();
}

/** Removes what bears the labels: containers with their volumes, then volumes whose container somebody else removed, and networks. */
export async function removeLabelled(engine: Engine, labels: Labels, signal: AbortSignal): Promise<void> {
  const containers = await engine.listContainers(labels, signal);
  await Promise.all(containers.map(({ id }) => removeContainer(engine, id, signal)));
  const volumes = await engine.listVolumes(labels, signal);
  await Promise.all(volumes.map(({ id }) => unlessMissing(engine.removeVolume(id, signal))));
  const networks = await engine.listNetworks(labels, signal);
  await Promise.all(networks.map(({ id }) => unlessMissing(engine.removeNetwork(id, signal))));
}

export async function killLabelled(engine: Engine, labels: Labels, signal: AbortSignal): Promise<void> {
  const containers = await engine.listContainers(labels, signal);
  // 409: it doesn't run.
  await Promise.all(containers.map(({ id }) => unlessStatus([404, 409], engine.kill(id, signal))));
}

export async function logsOfLabelled(
  engine: Engine,
  labels: Labels,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const [container] = await engine.listContainers(labels, signal);
  // 409: it is being removed.
  return container && unlessStatus([404, 409], engine.logs(container.id, signal));
}

/** Resolves once it is gone, also when somebody else is removing it or has done so. */
export async function removeContainer(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  try {
    await engine.remove(id, signal);
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return;
    if (status !== 409) throw error;
    // Its removal is under way already.
    await unlessMissing(engine.waitRemoved(id, signal));
  }
}

function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  return unlessStatus([404], answer);
}

async function unlessStatus<T>(statuses: number[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statuses.includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}

function foreign(name: string): FootmanError {
  return new FootmanError(
    'cloud-refused',
    `a container named ${name} is there already, and is not this controller's`,
  );
}
