import { hostsFree, type Db } from '#controller/store';

/** Names of the hosts of each cloud that may serve a node now, the best first. A cloud without any is not there. */
export async function freeHosts(db: Db): Promise<Map<string, string[]>> {
  const byCloud = new Map<string, string[]>();
  for (const { cloud, name } of await hostsFree(db))
    byCloud.set(cloud, [...(byCloud.get(cloud) ?? []), name]);
  return byCloud;
}
