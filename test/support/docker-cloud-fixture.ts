import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { cloudKind, type Cloud, type CloudContext } from '#controller/clouds';
import { createRuntime } from '#controller/launchers';
import type { TestEngine } from '#test/docker';
import { openDialIn } from '#test/dial-in';
import type { CloudFixture } from '../contracts/clouds/suite.ts';
import { createLogger } from '#controller/logger';

/** A docker cloud on an engine of the test's own. */
export interface DockerCloudFixture extends CloudFixture<unknown> {
  context: CloudContext;
  /** Opens a cloud of the same controller with other settings, and another public URL than none. */
  openWith(settings: object, url?: string | null): Promise<Cloud>;
  /** A template as the configuration gives it, with what is left out. */
  templateOf(template: object): unknown;
}

const AGENT = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

/** Bundles and packs the agent that tests run in containers, as the product does. */
export async function packAgent(folder: string): Promise<CloudContext['runtime']> {
  const agentFile = join(folder, 'agent.mjs');
  const bundle = await rolldown({ input: AGENT, platform: 'node', treeshake: { moduleSideEffects: false } });
  await bundle.write({ file: agentFile, format: 'esm', codeSplitting: false });
  await bundle.close();
  const runtime = createRuntime({ folder: join(folder, 'runtimes'), agentFile });
  return (signal) => runtime.folder(signal);
}

export async function openDockerFixture(
  engine: TestEngine,
  runtime: CloudContext['runtime'],
  template: object,
): Promise<DockerCloudFixture> {
  const kind = cloudKind('docker');
  const folder = await mkdtemp(join(tmpdir(), 'docker-cloud-'));
  const dialIn = await openDialIn();
  const context = contextOf('controller-1');
  const cloud = await openWith({});
  const otherCloud = await kind.open(kind.settings.parse({ host: engine.host }), contextOf('controller-2'));

  return {
    cloud,
    otherCloud,
    reopen: () => openWith({}),
    openWith,
    template: templateOf(template),
    templateOf,
    dialIn,
    context,
    async remains(node) {
      const filters = { label: [`footman.node=${node}`] };
      const containers = await engine.docker.listContainers({ all: true, filters });
      const { Volumes } = await engine.docker.listVolumes({ filters });
      return [...containers.map(({ Id }) => Id), ...Volumes.map(({ Name }) => Name)];
    },
    async dieInLaunch(node) {
      const launch = {
        node: { id: node, resource: null },
        template: templateOf(template),
        host: null,
        bootstrap: die,
      };
      await cloud.launch(launch, new AbortController().signal).catch(() => {});
    },
    async exposed(node) {
      const container = engine.docker.getContainer(`footman-${node}`);
      const inspected = await container.inspect();
      const processes = await container.top();
      const image = await engine.docker.getImage(inspected.Image).inspect();
      return JSON.stringify([inspected, processes, image]);
    },
    async dispose() {
      await cloud.close();
      await otherCloud.close();
      await engine.clear();
      await dialIn.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  function openWith(settings: object, url: string | null = null): Promise<Cloud> {
    const endpoints = { ...context.endpoints, url };
    return kind.open(kind.settings.parse({ host: engine.host, ...settings }), { ...context, endpoints });
  }

  function templateOf(given: object): unknown {
    return kind.template.parse(given);
  }

  function contextOf(controllerId: string): CloudContext {
    return {
      controllerId,
      name: 'local',
      folder,
      endpoints: dialIn.endpoints,
      runtime,
      logger: createLogger('silent'),
    };
  }
}

function die(): never {
  throw new Error('the controller dies here');
}
