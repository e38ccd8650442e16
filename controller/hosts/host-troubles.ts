import { listHosts, type Db } from '#controller/store';

/** Why the quarantined hosts of each cloud are that, by name. A cloud without any is not there. */
export async function hostTroubles(db: Db): Promise<Map<string, Map<string, string>>> {
  const byCloud = new Map<string, Map<string, string>>();
  for (const { cloud, name, state, reason } of await listHosts(db)) {
    if (state !== 'quarantined' || reason === null) continue;
    const troubles = byCloud.get(cloud) ?? new Map<string, string>();
    byCloud.set(cloud, troubles.set(name, reason));
  }
  return byCloud;
}
