import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cloud, CloudContext } from '#controller/clouds';
import type { CloudConfiguration } from '#controller/config';
import { createConnections, toOpenCloud, type Connections } from '#controller/configuration';
import { createFleet, type Fleet } from '#controller/fleet';

type Common = Pick<CloudContext, 'controllerId' | 'endpoints' | 'runtime' | 'logger'>;

/** Opens the configured clouds, each with a folder of its own. No provider is asked for anything yet. */
export async function openClouds(
  configured: readonly CloudConfiguration[],
  folder: string,
  common: Common,
): Promise<{ fleet: Fleet; connections: Connections }> {
  const connections = createConnections(open);
  const opened = await connections.openMissing(configured);
  await connections.use(opened);
  const fleet = createFleet(opened.map(({ configuration, cloud }) => toOpenCloud(configuration, cloud)));
  return { fleet, connections };

  async function open({ name, kind, settings }: CloudConfiguration): Promise<Cloud> {
    const own = join(folder, name);
    await mkdir(own, { recursive: true, mode: 0o700 });
    return kind.open(settings, { ...common, name, folder: own });
  }
}
