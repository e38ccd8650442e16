import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudKind, type Cloud } from '#controller/clouds';
import { createLogger } from '#controller/logger';
import { openDialIn } from '#test/dial-in';
import { processesOfNode, readCommandLine, readEnvironment } from '#test/node-traces';
import { folderOnHost, labSettings, LAB_HOSTS, type LabHost } from '#test/ssh-hosts';
import type { SshLab } from '#test/ssh-lab';
import { localRuntime } from './local-runtime.ts';
import type { CloudFixture } from './suite.ts';

/** An `ssh` cloud whose hosts are logins of a lab; another controller's cloud has the same. */
export interface SshCloudFixture extends CloudFixture<unknown> {
  host(node: string): LabHost;
  /** The cloud of the same controller with other settings. */
  openWith(settings: object): Promise<Cloud>;
  /** Where the cloud keeps what it knows. */
  folder: string;
}

const NAMES = Object.keys(LAB_HOSTS) as LabHost[];

export async function openSshFixture(lab: SshLab): Promise<SshCloudFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'ssh-cloud-'));
  const dialIn = await openDialIn();
  const kind = cloudKind('ssh');
  const settings = await labSettings(lab, folder);
  const opened: Cloud[] = [];
  const cloud = await open('controller-1');
  const otherCloud = await open('controller-2');
  const template = kind.template.parse({ hosts: NAMES });
  const hosts = new Map<string, LabHost>();

  return {
    cloud,
    otherCloud,
    reopen: () => open('controller-1'),
    openWith: (more) => open('controller-1', more),
    template,
    host,
    dialIn,
    folder: join(folder, 'controller-1'),
    async remains(node) {
      const left = existsSync(folderOnHost(lab, host(node), node)) ? [node] : [];
      const records = ['controller-1', 'controller-2'].map((each) => recordOf(each, node));
      return [...left, ...records.filter(existsSync), ...(await processesOfNode(node))];
    },
    async dieInLaunch(node) {
      const launch = { node: { id: node, resource: null }, template, host: host(node), bootstrap: dieHere };
      await cloud.launch(launch, new AbortController().signal).catch(() => {});
    },
    async exposed(node) {
      const pids = await processesOfNode(node);
      const words = await Promise.all([...pids.map(readEnvironment), ...pids.map(readCommandLine)]);
      return [...words.flat(), await readFile(recordOf('controller-1', node), 'utf8')].join('\n');
    },
    async dispose() {
      const signal = AbortSignal.timeout(30_000);
      for (const each of [cloud, otherCloud])
        for await (const { nodeId } of each.list(signal))
          await each.remove({ id: nodeId, resource: null }, signal);
      for (const each of opened) await each.close();
      await dialIn.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  /** Each node gets a host of its own, for as long as there are some. */
  function host(node: string): LabHost {
    const chosen = hosts.get(node) ?? NAMES[hosts.size % NAMES.length] ?? 'h1';
    hosts.set(node, chosen);
    return chosen;
  }

  function recordOf(controller: string, node: string): string {
    return join(folder, controller, 'nodes', `${node}.json`);
  }

  async function open(controllerId: string, more: object = {}): Promise<Cloud> {
    const own = join(folder, controllerId);
    await mkdir(own, { recursive: true });
    const made = await kind.open(kind.settings.parse({ ...settings, ...more }), {
      controllerId,
      name: 'rack',
      folder: own,
      endpoints: dialIn.endpoints,
      runtime: localRuntime,
      logger: createLogger('silent'),
    });
    opened.push(made);
    return made;
  }
}

function dieHere(): never {
  throw new Error('the controller dies here');
}
