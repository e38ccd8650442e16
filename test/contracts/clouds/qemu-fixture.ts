import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cloudKind, type Cloud, type CloudContext } from '#controller/clouds';
import { createLogger } from '#controller/logger';
import { openDialIn } from '#test/dial-in';
import { readCommandLine } from '#test/node-traces';
import { localRuntime } from './local-runtime.ts';
import type { CloudFixture } from './suite.ts';

/** A cloud whose nodes are virtual machines, in a folder of its own. */
export interface QemuFixture extends CloudFixture<unknown> {
  /** Where the nodes have their folders. */
  nodes: string;
  open(settings?: object): Promise<Cloud>;
  /** A template as the configuration has it, read. */
  templateOf(template: object): unknown;
  context: CloudContext;
}

/** In a new folder of `parent`. */
export async function openQemuFixture(
  template: object,
  settings: object = {},
  parent = tmpdir(),
): Promise<QemuFixture> {
  const kind = cloudKind('qemu');
  const folder = await mkdtemp(join(parent, 'qemu-cloud-'));
  const nodes = join(folder, 'nodes');
  const dialIn = await openDialIn();
  const context = contextOf('controller-1');
  const parsed = kind.template.parse(template);
  const opened = new Set<Cloud>();
  const cloud = await openAs(context);
  const otherCloud = await openAs(contextOf('controller-2'));

  return {
    cloud,
    otherCloud,
    reopen: () => openAs(context),
    open: (changed) => openAs(context, changed),
    template: parsed,
    templateOf: (each) => kind.template.parse(each),
    dialIn,
    nodes,
    context,
    async remains(node) {
      const left = existsSync(join(nodes, node)) ? [node] : [];
      return [...left, ...(await machinesOf(node))];
    },
    async dieInLaunch(node) {
      const launch = { node: { id: node, resource: null }, template: parsed, host: null, bootstrap: dieHere };
      await cloud.launch(launch, new AbortController().signal).catch(() => {});
    },
    async exposed(node) {
      const words = await Promise.all((await machinesOf(node)).map(readCommandLine));
      return words.flat().join('\n');
    },
    async dispose() {
      const signal = AbortSignal.timeout(30_000);
      for (const each of [cloud, otherCloud]) {
        for await (const { nodeId } of each.list(signal))
          await each.remove({ id: nodeId, resource: null }, signal);
      }
      for (const each of opened) await each.close();
      await dialIn.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function openAs(as: CloudContext, changed: object = settings): Promise<Cloud> {
    const made = await kind.open(kind.settings.parse(changed), as);
    opened.add(made);
    return made;
  }

  function contextOf(controllerId: string): CloudContext {
    const { endpoints } = dialIn;
    const logger = createLogger('silent');
    return { controllerId, name: basename(folder), folder, endpoints, runtime: localRuntime, logger };
  }
}

/** Numbers of the QEMU processes of the node, whoever started them. */
export async function machinesOf(node: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map(readCommandLine));
  return pids.filter((_, index) =>
    lines[index]?.some((word) => word.startsWith('footman:') && word.endsWith(`:${node}`)),
  );
}

function dieHere(): never {
  throw new Error('the controller dies here');
}
