import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiDeps } from '#controller/api';
import { cloudKind } from '#controller/clouds';
import { loadConfiguration } from '#controller/config';
import { createConnections, createReloader, toOpenCloud } from '#controller/configuration';
import { createFleet } from '#controller/fleet';
import { createLabelMatcher } from '#controller/matching';
import { createDoctor, createMachine, createSweep } from '#controller/nodes';
import { createProvisionerParts } from './provisioner-parts.ts';
import { createLogger } from '#controller/logger';

type Ground = Pick<ApiDeps, 'store' | 'journal' | 'clock' | 'logger'> & { folder: string };
type FleetParts = Pick<
  ApiDeps,
  'fleet' | 'provisioner' | 'breakers' | 'history' | 'pools' | 'reloader' | 'doctor'
>;

/** One fake cloud with two templates, and all that the API asks about them. The provisioner never runs. */
export async function createFleetParts({ folder, ...ground }: Ground): Promise<FleetParts> {
  const file = join(folder, 'footman.yaml');
  await writeFile(file, configurationFor(folder));
  const load = () => loadConfiguration({ file, env: {}, overrides: { data: folder } });
  const started = await load();
  const matcher = createLabelMatcher();
  const connections = createConnections(({ name, kind, settings }) =>
    cloudKind(kind.kind).open(settings, {
      controllerId: 'controller',
      name,
      folder,
      endpoints: { socketFolder: folder, socketName: 'agents.sock', url: null },
      runtime: () => Promise.reject(new Error('no agents here')),
      logger: createLogger('silent'),
    }),
  );
  const opened = await connections.openMissing(started.clouds);
  await connections.use(opened);
  const fleet = createFleet(opened.map(({ configuration, cloud }) => toOpenCloud(configuration, cloud)));
  const { signal } = new AbortController();
  const { provisioner, breakers, history, pools } = createProvisionerParts({
    ...ground,
    matcher,
    fleet,
    signal,
  });
  const reloader = createReloader({
    ...ground,
    matcher,
    fleet,
    connections,
    started,
    file,
    load,
    planned: () => Promise.resolve(),
  });
  const sweep = createSweep({
    ...ground,
    fleet,
    onVanished: () => Promise.resolve(),
    settings: () => ({ intervalMs: 60_000, graceMs: 60_000 }),
  });
  const doctor = createDoctor({
    ...ground,
    fleet,
    sweep,
    machine: createMachine(folder),
    teardown: () => started.teardown,
    storage: { kind: 'fs', probe: () => Promise.resolve() },
    failing: () => [],
  });
  return { fleet, provisioner, breakers, history, pools, reloader, doctor };
}

function configurationFor(folder: string): string {
  return `clouds:
  fake:
    kind: fake
    world: ${join(folder, 'world')}
    agents: false
    max-nodes: 4
    templates:
      small: { labels: linux docker, max-nodes: 4 }
      arm: { labels: linux arm, max-nodes: 4 }
`;
}
