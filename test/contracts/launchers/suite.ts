import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Machine, SshLauncher, SshLauncherOptions } from '#controller/launchers/ssh';
import { processesOfNode, processesWhere, readCommandLine, readEnvironment } from '#test/node-traces';
import type { AccountName } from '#test/ssh-accounts';
import type { LauncherFixture } from './fixture.ts';

export interface Way {
  account: AccountName;
  dial: SshLauncherOptions['dial'];
  /** Whether what steps do as root can be undone. */
  isRoot: boolean;
}

const never = new AbortController().signal;

/** What a launcher must hold, whoever logs in and however the agent dials. The cases follow one node through its life. */
export function launcherContract(fixtureOf: () => LauncherFixture, { account, dial, isRoot }: Way): void {
  describe(`${account}, whose agents dial by ${dial}`, () => {
    const node = `n-${account}-${dial}-${process.pid}`;
    let fixture: LauncherFixture;
    let machine: Machine;
    let launcher: SshLauncher;
    beforeAll(() => {
      fixture = fixtureOf();
      machine = fixture.lab.machine(account);
      launcher = fixture.launcher({ dial });
    });
    afterAll(() => fixture.launcher({ dial }).end(machine, node, never));

    test('starts an agent as the login, which dials in with the token of its node', async () => {
      await start(launcher);
      await fixture.dialIn.arrived(node);
      const uid = await fixture.dialIn.run(node, 'id -u; sleep 1000');
      expect(Number(uid)).toBe(fixture.lab.account(account).uid);
      expect(await launcher.isRunning(machine, node, never)).toBe(true);
      expect(await launcher.bootId(machine, never)).toBe(await bootId());
    });

    test('shows the token nowhere', async () => {
      const [token = ''] = fixture.dialIn.tokens(node);
      const pids = await processesOfNode(node);
      const words = await Promise.all([...pids.map(readEnvironment), ...pids.map(readCommandLine)]);
      expect(words.flat().join('\n')).toContain(node);
      expect(words.flat().join('\n')).not.toContain(token);
      expect(await textsIn(join(fixture.base(account), 'nodes', node))).not.toContain(token);
    });

    test('starts it once', async () => {
      const before = await fixture.remains(account, node);
      await start(launcher);
      expect(fixture.dialIn.tokens(node)).toHaveLength(1);
      expect(await fixture.remains(account, node)).toEqual(before);
    });

    test('tells the nodes of its controller, and leaves those of others alone', async () => {
      const other = fixture.launcher({ dial, controllerId: 'controller-2' });
      expect(await launcher.nodes(machine, never)).toEqual([{ id: node, createdAt: expect.any(Number) }]);
      expect(await other.nodes(machine, never)).toEqual([]);
      await other.stop(machine, node, never);
      await other.end(machine, node, never);
      await expect(start(other)).rejects.toMatchObject({ code: 'cloud-refused' });
      expect(await other.console(machine, node, never)).toBeNull();
      expect(await launcher.isRunning(machine, node, never)).toBe(true);
    });

    test.each(['start', 'adopt'] as const)(
      "has the agent back in the controller's next life, by %s",
      async (by) => {
        await launcher.close();
        if (dial === 'tunnel') await fixture.dialIn.left(node);
        launcher = fixture.launcher({ dial });
        if (by === 'start') await start(launcher);
        else launcher.adopt(machine, node);
        await fixture.dialIn.arrived(node);
        expect(fixture.dialIn.tokens(node)).toHaveLength(1);
        expect(await fixture.dialIn.run(node, 'echo still here; sleep 1000')).toBe('still here\n');
      },
    );

    test('ends a node with all that its steps left', async () => {
      const deaf = 'sh -c "trap \'\' TERM HUP INT; echo deaf; while :; do sleep 1000; done"';
      await fixture.dialIn.run(node, `cd / && exec setsid ${deaf}`);
      if (isRoot) await leaveAsRoot();
      await launcher.end(machine, node, never);
      await fixture.dialIn.left(node);
      expect(await fixture.remains(account, node)).toEqual([]);
      expect(await fixture.lab.mounts(node)).toEqual([]);
      expect(await processesWhere((variable) => variable === `LEFT_BY=${node}`)).toEqual([]);
      expect(await launcher.nodes(machine, never)).toEqual([]);
      expect(await launcher.isRunning(machine, node, never)).toBe(false);
      expect(await launcher.console(machine, node, never)).toBeNull();
      await launcher.end(machine, node, never);
    });

    /** A mount over a mount, at a path that mountinfo escapes; a process without the node's mark; files. */
    async function leaveAsRoot(): Promise<void> {
      const sudo = account === 'root' ? '' : 'sudo -n ';
      const script = `set -e
        mkdir -p 'a mount \\ here'
        ${sudo}mount -t tmpfs none 'a mount \\ here'
        ${sudo}mkdir 'a mount \\ here/in it'
        ${sudo}mount -t tmpfs none 'a mount \\ here/in it'
        ${sudo}touch 'a mount \\ here/in it/file'
        ${sudo}sh -c 'mkdir -p kept && touch kept/file && chmod 700 kept'
        (${sudo}env -i LEFT_BY=${node} setsid sh -c 'cd /; exec sleep 1000' >/dev/null 2>&1 &)
        echo left`;
      expect(await fixture.dialIn.run(node, script)).toBe('left\n');
      expect(await fixture.lab.mounts(node)).toHaveLength(2);
      const left = () => processesWhere((variable) => variable === `LEFT_BY=${node}`);
      await expect.poll(left).not.toEqual([]);
    }

    function start(by: SshLauncher): Promise<void> {
      return by.start(machine, { id: node, bootstrap: fixture.dialIn.bootstrap(node) }, never);
    }
  });
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

async function textsIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')),
  );
  return texts.join('\n');
}
