import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RuntimeFolder } from '#controller/launchers';
import { createKnownHosts, fingerprint, type Machine, type SshLauncher } from '#controller/launchers/ssh';
import { createLogger } from '#controller/logger';
import { processesOfNode, readCommandLine } from '#test/node-traces';
import { optionalService } from '#test/optional';
import { sshLabMissing, type SshLab } from '#test/ssh-lab';
import { openTcpProxy, type TcpProxy } from '#test/tcp-proxy';
import { openLauncherFixture, type LauncherFixture } from './fixture.ts';

/** For a regular expression. */
function escaped(publicKey: string): string {
  return RegExp.escape(fingerprint(publicKey));
}

const never = new AbortController().signal;
/** That of GitHub: a type that the lab has no key of. */
const ECDSA =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=';

optionalService('OpenSSH lab', sshLabMissing())('the SSH launcher', () => {
  let node = '';
  let serial = 0;
  let fixture: LauncherFixture;
  let lab: SshLab;
  let launcher: SshLauncher;
  let folder: string;
  let proxy: TcpProxy;
  beforeAll(async () => {
    fixture = await openLauncherFixture({ hasRuntime: false });
    lab = fixture.lab;
    launcher = fixture.launcher({ keepAliveMs: 200 });
    folder = await mkdtemp(join(tmpdir(), 'ssh-faults-'));
    await chmod(folder, 0o755);
    proxy = await openTcpProxy(lab.port);
  });
  afterAll(async () => {
    await proxy.close();
    await rm(folder, { recursive: true });
    await fixture.dispose();
  });

  describe('at the door', () => {
    test('refuses a machine with another host key than the pinned one, at once', async () => {
      const machine = {
        ...lab.machine('plain'),
        hostKeys: { mode: 'pinned', keys: [lab.otherHostKey] },
      } as const;
      await expect(launcher.bootId({ ...machine, isBooting: true }, never)).rejects.toMatchObject({
        code: 'cloud-refused',
        message: expect.stringMatching(
          new RegExp(`lab-plain.*${escaped(lab.otherHostKey)}.*${escaped(lab.hostKey)}`),
        ),
        hint: expect.stringContaining('configuration'),
      });
    });

    test('refuses a machine that has no key of a pinned type, or of which none is pinned', async () => {
      const refused = (pinned: string[]) =>
        launcher.bootId({ ...lab.machine('plain'), hostKeys: { mode: 'pinned', keys: pinned } }, never);
      await expect(refused([ECDSA])).rejects.toMatchObject({
        code: 'cloud-refused',
        message: expect.stringContaining('it has none of that type'),
      });
      await expect(refused([])).rejects.toMatchObject({ code: 'cloud-refused' });
    });

    test('keeps the key of the first login, and refuses another one from then on', async () => {
      const known = createKnownHosts(join(folder, 'known_hosts'));
      const machine: Machine = { ...lab.machine('plain'), hostKeys: { mode: 'first-use', known } };
      const strange = { ...machine, privateKey: lab.strangersKey };
      await expect(launcher.bootId(strange, never)).rejects.toMatchObject({ code: 'cloud-refused' });
      expect(await known.find(`[127.0.0.1]:${lab.port}`)).toBeNull();
      await launcher.bootId(machine, never);
      expect(await known.find(`[127.0.0.1]:${lab.port}`)).toBe(lab.hostKey.replace(/ test$/, ''));
      await lab.changeHostKey();
      await expect(launcher.bootId(machine, never)).rejects.toMatchObject({
        code: 'cloud-refused',
        message: expect.stringContaining(fingerprint(lab.otherHostKey)),
        hint: expect.stringContaining(`[127.0.0.1]:${lab.port}`),
      });
      await lab.down();
      await lab.up();
      await launcher.bootId(machine, never);
    });

    test('says who is not let in, at once; on a machine that boots only when the time is over', async () => {
      const machine = { ...lab.machine('plain'), privateKey: lab.strangersKey };
      await expect(launcher.bootId(machine, never)).rejects.toMatchObject({
        code: 'cloud-refused',
        message: expect.stringContaining('does not let footman-plain in'),
        hint: expect.stringContaining('authorized_keys'),
      });
      const booting = launcher.bootId({ ...machine, isBooting: true }, AbortSignal.timeout(1000));
      await expect(booting).rejects.toMatchObject({
        code: 'cloud-unavailable',
        message: expect.stringContaining('does not let footman-plain in'),
      });
    });

    test('refuses a key that is none, without showing it', async () => {
      const refused = launcher.bootId({ ...lab.machine('plain'), privateKey: 'hunter2' }, never);
      await expect(refused).rejects.toMatchObject({ code: 'cloud-refused' });
      await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
    });

    test('waits for a machine that is not up yet, and tells at the end why there was no login', async () => {
      await lab.down();
      await expect(launcher.bootId(lab.machine('plain'), AbortSignal.timeout(500))).rejects.toMatchObject({
        code: 'cloud-unavailable',
        message: expect.stringContaining('ECONNREFUSED'),
      });
      const waiting = launcher.bootId(lab.machine('plain'), never);
      await lab.up();
      expect(await waiting).toMatch(/^[0-9a-f-]{36}$/);
    });
  });

  describe('with the runtime', () => {
    test('says how much room it needs and how much there is, and leaves nothing', async () => {
      for (const name of ['cramped', 'crowded'] as const) {
        await expect(launcher.bring(lab.machine(name), never)).rejects.toMatchObject({
          code: 'cloud-refused',
          message: expect.stringMatching(/needs [\d.]+ MiB on lab-\w+ .*, where 2\d(\.\d)? MiB are free/),
        });
        expect(await launcher.run(lab.machine(name), 'find "$HOME" -type f', never)).toBe('');
      }
    });

    test('says that a home runs no programs', async () => {
      await expect(launcher.bring(lab.machine('noexec'), never)).rejects.toMatchObject({
        code: 'cloud-refused',
        hint: expect.stringContaining('noexec'),
      });
    });

    test('says that a machine is of another architecture', async () => {
      await expect(launcher.bring(lab.machine('foreign'), never)).rejects.toMatchObject({
        code: 'cloud-refused',
        message: expect.stringContaining('riscv64'),
      });
    });

    test('brings it anew after a connection was cut in the middle, once for all who ask', async () => {
      const machine = { ...lab.machine('plain'), port: proxy.port };
      const cut = proxy.cutAfter(2 * 1024 * 1024);
      await expect(launcher.bring(machine, never)).rejects.toMatchObject({ code: 'cloud-unavailable' });
      await cut;
      expect(await fixture.runtimes('plain')).toEqual([expect.stringMatching(/^\.new-controller-1-/)]);
      const said: string[] = [];
      const logger = createLogger('info', { write: (line) => void said.push(line) });
      const both = fixture.launcher({ logger });
      await Promise.all([both.bring(machine, never), both.bring(machine, never)]);
      expect(await fixture.runtimes('plain')).toEqual([fixture.runtime.digest]);
      expect(said).toHaveLength(1);
      await both.bring(machine, never);
      expect(said).toHaveLength(1);
    });

    test('brings it where there is no SFTP', async () => {
      const small = await smallRuntime();
      await fixture.launcher({ runtime: async () => small }).bring(lab.machine('deep'), never);
      expect(
        await readFile(join(fixture.base('deep'), 'runtime', small.digest, 'lib', 'hello'), 'utf8'),
      ).toBe('hi');
    });
  });

  describe('with a node', () => {
    beforeEach(() => {
      node = `f-${process.pid}-${++serial}`;
    });
    afterEach(() => launcher.end(lab.machine('plain'), node, never));

    test('keeps the tunnel over a restart of sshd, and the agent', async () => {
      await start();
      const before = await processesOfNode(node);
      await lab.down();
      await fixture.dialIn.left(node);
      await lab.up();
      await fixture.dialIn.arrived(node);
      expect(await processesOfNode(node)).toEqual(before);
      expect(await fixture.dialIn.run(node, 'echo two')).toBe('two\n');
      expect(fixture.dialIn.arrivals(node)).toBe(1);
    });

    test('notices that the machine is dead, and comes back', async () => {
      await start({ ...lab.machine('plain'), port: proxy.port });
      proxy.freeze();
      await fixture.dialIn.left(node);
      await fixture.dialIn.arrived(node);
      expect(await fixture.dialIn.run(node, 'echo back')).toBe('back\n');
    });

    test('starts a new agent in place of one that ended', async () => {
      await start();
      await launcher.stop(lab.machine('plain'), node, never);
      await fixture.dialIn.left(node);
      await expect.poll(() => launcher.isRunning(lab.machine('plain'), node, never)).toBe(false);
      await start();
      expect(fixture.dialIn.arrivals(node)).toBe(2);
    });

    test('gives way to one connection of the agent only: the controller hears nothing else', async () => {
      await start();
      const script = `exec perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => "../../tunnel") or die $!;
        print $s "GET /agent/v1 HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n"; print scalar <$s>'`;
      expect(await fixture.dialIn.run(node, script)).toMatch(/^HTTP\/1\.1 4/);
      const socket = join(fixture.base('plain'), 'nodes', node, 'tunnel');
      expect((await stat(socket)).mode & 0o077).toBe(0);
    });

    test('says why an agent does not start, and shows its console', async () => {
      const broken = withCommand(['/no/such/program']);
      await expect(start(lab.machine('plain'), broken)).rejects.toMatchObject({
        code: 'cloud-unavailable',
        message: expect.stringContaining('/no/such/program'),
      });
      const words = withCommand(['/bin/sh', '-c', 'cat >/dev/null; echo last words; exec sleep 1000']);
      await startOnly(lab.machine('plain'), words);
      await expect.poll(() => words.console(lab.machine('plain'), node, never)).toBe('last words\n');
      await words.end(lab.machine('plain'), node, never);
    });

    test('says that sshd lets no agent through', async () => {
      await expect(
        startOnly(lab.machine('walled'), withCommand(['/bin/sleep', '1000'])),
      ).rejects.toMatchObject({
        code: 'cloud-refused',
        hint: expect.stringContaining('AllowStreamLocalForwarding'),
      });
      await launcher.end(lab.machine('walled'), node, never);
      expect(await fixture.remains('walled', node)).toEqual([]);
    });

    test("says what it can't remove without sudo, and ends the node when it can", async () => {
      await start();
      const kept = join(fixture.base('plain'), 'nodes', node, 'root', 'workspace', 'kept');
      await fixture.dialIn.run(node, 'mkdir kept && touch kept/file && echo made');
      await chown(kept, 0, 0);
      await expect(launcher.end(lab.machine('plain'), node, never)).rejects.toMatchObject({
        code: 'cloud-unavailable',
        message: expect.stringContaining('kept/file'),
      });
      expect(await processesOfNode(node)).toEqual([]);
      expect(await launcher.nodes(lab.machine('plain'), never)).toHaveLength(1);
      await rm(kept, { recursive: true });
      await launcher.end(lab.machine('plain'), node, never);
      expect(await fixture.remains('plain', node)).toEqual([]);
    });

    async function start(machine = lab.machine('plain'), by = launcher): Promise<void> {
      await startOnly(machine, by);
      await fixture.dialIn.arrived(node);
    }

    function startOnly(machine: Machine, by: SshLauncher): Promise<void> {
      return by.start(machine, { id: node, bootstrap: fixture.dialIn.bootstrap(node) }, never);
    }

    /** Whose agent is another program. */
    function withCommand(command: string[]): SshLauncher {
      return fixture.launcher({
        runtime: async () => ({ ...(await smallRuntime()), command: () => command }),
      });
    }
  });

  /** Brought in no time. */
  async function smallRuntime(): Promise<RuntimeFolder> {
    const path = join(folder, 'small');
    await mkdir(join(path, 'lib'), { recursive: true });
    await writeFile(join(path, 'lib', 'hello'), 'hi');
    return { path, digest: 'small', command: () => [] };
  }

  describe('with scripts', () => {
    test('returns what a script says, up to a limit, and gives it no input', async () => {
      const machine = lab.machine('plain');
      expect(await launcher.run(machine, 'cat; echo "$((6 * 7))" # the answer', never)).toBe('42\n');
      const long = await launcher.run(machine, 'yes | head -c 200000; echo end', never);
      expect(long).toHaveLength(64 * 1024);
      expect(long).toMatch(/y\nend\n$/);
      await expect(launcher.run(machine, 'echo no room >&2; exit 3', never)).rejects.toMatchObject({
        code: 'cloud-unavailable',
        message: expect.stringContaining('exit code 3: no room'),
      });
    });

    test('kills a script that is given up', async () => {
      const abort = new AbortController();
      const mark = join(folder, 'mark');
      await writeFile(mark, '');
      await chown(mark, lab.account('plain').uid, 0);
      const running = launcher.run(lab.machine('plain'), `echo $$ >'${mark}'; exec sleep 1000`, abort.signal);
      running.catch(() => undefined);
      await expect.poll(() => readFile(mark, 'utf8')).not.toBe('');
      const pid = (await readFile(mark, 'utf8')).trim();
      abort.abort(new Error('enough'));
      await expect(running).rejects.toThrow('enough');
      await expect.poll(() => readCommandLine(pid)).toEqual([]);
    });

    test('restarts no machine that has left the boot already, and none as a plain user', async () => {
      const machine = lab.machine('plain');
      await launcher.reboot(machine, 'another-boot', never);
      await expect(
        launcher.reboot(machine, await launcher.bootId(machine, never), never),
      ).rejects.toMatchObject({
        code: 'cloud-refused',
        hint: expect.stringContaining('sudo'),
      });
    });
  });
});
