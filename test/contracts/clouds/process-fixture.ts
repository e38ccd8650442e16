import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudKind, type Cloud, type CloudContext } from '#controller/clouds';
import { openDialIn } from '#test/dial-in';
import { localRuntime } from './local-runtime.ts';
import { processesOfNode, readCommandLine, readEnvironment } from '#test/node-traces';
import type { CloudFixture } from './suite.ts';
import { createLogger } from '#controller/logger';

/** A cloud whose nodes are processes, in a folder of its own; `nodes` names the folder where those have their folders. */
export interface ProcessCloudFixture extends CloudFixture<unknown> {
  nodes: string;
  context: CloudContext;
  openCloud(context: CloudContext): Promise<Cloud>;
}

interface Kind {
  kind: string;
  settings: (folder: string) => unknown;
  /** Where the nodes' folders are. */
  nodes: (folder: string) => string;
  template: unknown;
}

export async function openProcessFixture({
  kind,
  settings,
  nodes,
  template,
}: Kind): Promise<ProcessCloudFixture> {
  const folder = await mkdtemp(join(tmpdir(), `${kind}-cloud-`));
  const dialIn = await openDialIn();
  const context = contextOf('controller-1');
  const cloud = await openCloud(context);
  const otherCloud = await openCloud(contextOf('controller-2'));
  const parsed = cloudKind(kind).template.parse(template);

  return {
    cloud,
    otherCloud,
    reopen: () => openCloud(context),
    template: parsed,
    dialIn,
    nodes: nodes(folder),
    context,
    openCloud,
    async remains(node) {
      const left = existsSync(join(nodes(folder), node)) ? [node] : [];
      return [...left, ...(await processesOfNode(node))];
    },
    async dieInLaunch(node) {
      const launch = { node: { id: node, resource: null }, template: parsed, host: null, bootstrap: dieHere };
      await cloud.launch(launch, new AbortController().signal).catch(() => {});
    },
    async exposed(node) {
      const pids = await processesOfNode(node);
      const words = await Promise.all([...pids.map(readEnvironment), ...pids.map(readCommandLine)]);
      const tags = await readFile(join(nodes(folder), node, 'tags.json'), 'utf8');
      return [...words.flat(), tags].join('\n');
    },
    async dispose() {
      const signal = AbortSignal.timeout(30_000);
      for (const each of [cloud, otherCloud]) {
        for await (const { nodeId } of each.list(signal))
          await each.remove({ id: nodeId, resource: null }, signal);
        await each.close();
      }
      await dialIn.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  function openCloud(context: CloudContext): Promise<Cloud> {
    const chosen = cloudKind(kind);
    return chosen.open(chosen.settings.parse(settings(folder)), context);
  }

  function contextOf(controllerId: string): CloudContext {
    return {
      controllerId,
      name: 'local',
      folder,
      endpoints: dialIn.endpoints,
      runtime: localRuntime,
      logger: createLogger('silent'),
    };
  }
}

function dieHere(): never {
  throw new Error('the controller dies here');
}
