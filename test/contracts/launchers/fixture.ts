import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { RuntimeFolder } from '#controller/launchers';
import {
  createSshLauncher,
  type Machine,
  type SshLauncher,
  type SshLauncherOptions,
} from '#controller/launchers/ssh';
import { createLogger } from '#controller/logger';
import { openDialIn, type DialIn } from '#test/dial-in';
import { processesOfNode } from '#test/node-traces';
import type { AccountName } from '#test/ssh-accounts';
import { openSshLab, type SshLab } from '#test/ssh-lab';
import { openTcpProxy } from '#test/tcp-proxy';
import { localRuntime } from '../clouds/local-runtime.ts';

/** A lab to launch agents in, and where they dial. */
export interface LauncherFixture {
  lab: SshLab;
  dialIn: DialIn;
  runtime: RuntimeFolder;
  /** A launcher of its own; all are closed with the fixture. */
  launcher(options?: Partial<SshLauncherOptions>): SshLauncher;
  /** Folder in which the account has what launchers brought. */
  base(name: AccountName): string;
  /** The name of what is there of the node: its folder, and its processes. Empty once it is gone. */
  remains(name: AccountName, node: string): Promise<string[]>;
  /** Names of what is in the account's folder of runtimes. */
  runtimes(name: AccountName): Promise<string[]>;
  /** Another runtime, brought in no time, under the digest `small`; there is a file in it, and no agent. */
  smallRuntime(): Promise<RuntimeFolder>;
  /** A launcher whose agent is another program. */
  withCommand(command: string[], options?: Partial<SshLauncherOptions>): SshLauncher;
  start(by: SshLauncher, machine: Machine, node: string): Promise<void>;
  dispose(): Promise<void>;
}

const never = new AbortController().signal;

/** @param hasRuntime as on machines whose image has it: what the suites are not about need not be brought again and again */
export async function openLauncherFixture({ hasRuntime }: { hasRuntime: boolean }): Promise<LauncherFixture> {
  const lab = await openSshLab();
  const dialIn = await openDialIn();
  const runtime = await localRuntime(never);
  const { endpoints } = dialIn;
  const web = await openTcpProxy(join(endpoints.socketFolder, endpoints.socketName));
  const launchers: SshLauncher[] = [];
  const small = await mkdtemp(join(tmpdir(), 'small-runtime-'));
  if (hasRuntime) {
    const folder = join(lab.opt, 'footman', 'runtime');
    await mkdir(folder, { recursive: true });
    await symlink(runtime.path, join(folder, basename(runtime.path)));
  }

  return {
    lab,
    dialIn,
    runtime,
    launcher,
    base,
    async remains(name, node) {
      const folder = join(base(name), 'nodes', node);
      return [...(existsSync(folder) ? [folder] : []), ...(await processesOfNode(node))];
    },
    runtimes: (name) => readdir(join(base(name), 'runtime')).catch(() => []),
    smallRuntime,
    withCommand: (command, options) =>
      launcher({ runtime: async () => ({ ...(await smallRuntime()), command: () => command }), ...options }),
    start: (by, machine, node) => by.start(machine, { id: node, bootstrap: dialIn.bootstrap(node) }, never),
    async dispose() {
      await rm(small, { recursive: true, force: true });
      await Promise.all(launchers.map((launcher) => launcher.close()));
      await web.close();
      await dialIn.close();
      await lab.close();
    },
  };

  function launcher(options: Partial<SshLauncherOptions> = {}): SshLauncher {
    const made = createSshLauncher({
      controllerId: 'controller-1',
      endpoints: { ...endpoints, url: `http://127.0.0.1:${web.port}` },
      runtime: localRuntime,
      logger: createLogger('silent'),
      dial: 'tunnel',
      ...options,
    });
    launchers.push(made);
    return made;
  }

  async function smallRuntime(): Promise<RuntimeFolder> {
    await mkdir(join(small, 'small', 'lib'), { recursive: true });
    await writeFile(join(small, 'small', 'lib', 'hello'), 'hi');
    return { path: join(small, 'small'), digest: 'small', command: () => [] };
  }

  function base(name: AccountName): string {
    return name === 'root' ? join(lab.opt, 'footman') : join(lab.account(name).home, '.footman');
  }
}
