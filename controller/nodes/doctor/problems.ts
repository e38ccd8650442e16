import type { Node } from '#controller/store';
import { formatBytes } from '#shared/quantity';
import type { CloudReport, DoctorReport } from './report.ts';

/** Failed removals that are no hiccup any more. */
const MANY = 3;

/** What of a report is wrong, in the order in which one would look at it. */
export function problemsOf(
  { clouds, stranded, hosts, storage, machine }: Omit<DoctorReport, 'problems'>,
  doomed: readonly Node[],
  failing: readonly string[],
): string[] {
  const { freeDiskBytes, leastDiskBytes, freeMemoryBytes, leastMemoryBytes } = machine;
  const waiting = Map.groupBy(doomed, ({ cloud }) => cloud);
  const silent = new Set(clouds.filter(({ error }) => error !== null).map(({ name }) => name));
  return [
    ...failing,
    ...(storage.error === null ? [] : [`the storage does not work: ${storage.error}`]),
    ...clouds.flatMap((cloud) => problemsOfCloud(cloud, waiting.get(cloud.name)?.length ?? 0)),
    ...stranded.map(({ node, reason }) => `node ${node} can't be removed: ${reason}`),
    ...doomed
      .filter(({ cloud, removal_failures: failures }) => failures >= MANY && !silent.has(cloud))
      .map(
        ({ id, cloud, removal_failures: failures }) =>
          `cloud ${cloud} did not remove node ${id} in ${failures} tries`,
      ),
    ...hosts
      .filter(({ state }) => state === 'quarantined')
      .map(
        ({ cloud, name, reason }) => `host ${cloud}/${name} is quarantined: ${reason ?? 'nobody said why'}`,
      ),
    ...shortage('disk', freeDiskBytes, leastDiskBytes),
    ...shortage('memory', freeMemoryBytes, leastMemoryBytes),
  ];
}

/** `waiting`: nodes that it should remove. */
function problemsOfCloud({ name, error, resources, missing }: CloudReport, waiting: number): string[] {
  if (error !== null) {
    const sentence = `cloud ${name} can't be listed: ${error}`;
    if (waiting === 0) return [sentence];
    const nodes = waiting === 1 ? '1 node' : `${waiting} nodes`;
    return [`${sentence}; ${nodes} of it will be removed when it answers again`];
  }
  return [
    ...resources
      .filter(({ verdict }) => verdict !== 'kept')
      .map(({ id, kind }) => `cloud ${name} has a ${kind} that no living node has: ${id}`),
    ...missing
      .filter(({ verdict }) => verdict !== 'kept')
      .map(({ node }) => `cloud ${name} has nothing of node ${node}`),
  ];
}

function shortage(what: string, free: number, least: number): string[] {
  if (free >= least) return [];
  return [
    `the controller's machine has ${formatBytes(free)} of ${what} left, less than ${formatBytes(least)}`,
  ];
}
