import { countOccupancy, type Fleet } from '#controller/fleet';
import type { Hold, Node } from '#controller/store';

/** No reserve keeps a job of this priority out: it is the quota alone that counts. */
const ANY_JOB = { priority: Infinity };

/**
 * Why these held nodes would leave no place for anybody's job, or null. A queue must not stand still because jobs have failed (I8): where a
 * quota, or the static hosts, have room for one node more beside all that are held, jobs go on one by one.
 */
export function whyLastPlace(
  held: readonly Node[],
  { cloud: cloudName, template: name }: Pick<Hold, 'cloud' | 'template'>,
  fleet: Fleet,
): string | null {
  const cloud = fleet.cloud(cloudName);
  const template = fleet.template(cloudName, name);
  if (cloud === undefined || template === undefined) return null;
  const refusal = countOccupancy(held, fleet).refusal(cloud, template, ANY_JOB);
  if (refusal !== null) return `it would have the last place for jobs: ${refusal.reason}`;
  const hosts = cloud.cloud.hosts?.of(template.settings) ?? null;
  if (hosts === null) return null;
  const taken = new Set(held.filter((node) => node.cloud === cloudName).map(({ host }) => host));
  return hosts.every((host) => taken.has(host))
    ? `it would have the last host of template ${cloudName}/${name}`
    : null;
}
