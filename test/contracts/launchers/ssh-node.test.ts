import { chown, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SshLauncher } from '#controller/launchers/ssh';
import { processesOfNode } from '#test/node-traces';
import { optionalService } from '#test/optional';
import { sshLabMissing, type SshLab } from '#test/ssh-lab';
import { openTcpProxy, type TcpProxy } from '#test/tcp-proxy';
import { openLauncherFixture, type LauncherFixture } from './fixture.ts';

const never = new AbortController().signal;

optionalService('OpenSSH lab', sshLabMissing())('the SSH launcher with a node', () => {
  let fixture: LauncherFixture;
  let lab: SshLab;
  let launcher: SshLauncher;
  let proxy: TcpProxy;
  let node = '';
  let serial = 0;
  beforeAll(async () => {
    fixture = await openLauncherFixture({ hasRuntime: true });
    lab = fixture.lab;
    launcher = fixture.launcher({ keepAliveMs: 200 });
    proxy = await openTcpProxy(lab.port);
  });
  afterAll(async () => {
    await proxy.close();
    await fixture.dispose();
  });
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

  test('starts a new agent on the files of one whose machine was restarted, and of no other', async () => {
    const machine = lab.machine('plain');
    const start = { id: node, bootstrap: fixture.dialIn.bootstrap(node) };
    await launcher.start(machine, start, never);
    await fixture.dialIn.arrived(node);
    await fixture.dialIn.run(node, 'echo mine > made; echo done');
    await again(true);
    expect(await fixture.dialIn.run(node, 'cat made')).toBe('mine\n');
    await again(false);
    expect(await fixture.dialIn.run(node, 'ls; echo end')).toBe('end\n');

    async function again(isRestarted: boolean): Promise<void> {
      await launcher.stop(machine, node, never);
      await fixture.dialIn.left(node);
      await expect.poll(() => launcher.isRunning(machine, node, never)).toBe(false);
      await launcher.start(machine, { ...start, isRestarted }, never);
      await fixture.dialIn.arrived(node);
    }
  });

  test('does not begin anew where the files of a restarted machine are gone', async () => {
    const lost = { id: node, bootstrap: fixture.dialIn.bootstrap(node), isRestarted: true };
    await expect(launcher.start(lab.machine('plain'), lost, never)).rejects.toThrow(
      'did not outlive the restart',
    );
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
    const broken = fixture.withCommand(['/no/such/program']);
    await expect(fixture.start(broken, lab.machine('plain'), node)).rejects.toMatchObject({
      code: 'cloud-unavailable',
      message: expect.stringContaining('/no/such/program'),
    });
    const words = fixture.withCommand(['/bin/sh', '-c', 'cat >/dev/null; echo last words; exec sleep 1000']);
    await fixture.start(words, lab.machine('plain'), node);
    await expect.poll(() => words.console(lab.machine('plain'), node, never)).toBe('last words\n');
    await words.end(lab.machine('plain'), node, never);
  });

  test('says that sshd lets no agent through', async () => {
    await expect(
      fixture.start(fixture.withCommand(['/bin/sleep', '1000']), lab.machine('walled'), node),
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

  async function start(machine = lab.machine('plain')): Promise<void> {
    await fixture.start(launcher, machine, node);
    await fixture.dialIn.arrived(node);
  }
});
