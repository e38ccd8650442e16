import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '#controller/clouds';
import { readCommandLine } from '#test/node-traces';
import { optionalService } from '#test/optional';
import { listen } from '#test/ports';
import { vmMissing } from '#test/vm-image';
import { PREPARATION_LIMIT_MS, vmStates } from '#test/vm-state';
import { openFastFixture } from './qemu-fast-fixture.ts';
import { machinesOf, type QemuFixture } from './qemu-fixture.ts';

const never = new AbortController().signal;
const node = `n-${process.pid}`;
const reference = { id: node, resource: null };
/** A restart of an emulated machine, on a machine that does other things as well. */
const LONG_MS = 300_000;

// One machine for all of it, from its start to its removal: the tests are the chapters of its life.
optionalService('QEMU', vmMissing())('a qemu machine', () => {
  let fixture: QemuFixture;
  let cloud: Cloud;
  let boot: string;
  let local: Server;

  beforeAll(async () => {
    await vmStates();
    fixture = await openFastFixture();
    cloud = fixture.cloud;
    local = createServer((socket) => socket.end('reached\n'));
    await launch(never);
    await fixture.dialIn.arrived(node);
    boot = await inGuest('cat /proc/sys/kernel/random/boot_id');
  }, PREPARATION_LIMIT_MS + LONG_MS);
  afterAll(async () => {
    local.close();
    await fixture.dispose();
  });

  test('has the processors, memory and disk of its template, and its user may become root', async () => {
    const facts = await inGuest(`
      nproc
      sed -n 's/MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo
      lsblk -bdno SIZE /dev/vda
      df -B1 --output=size / | tail -1
      id -un
      sudo -n id -un`);
    const [processors, memory, disk, fileSystem, user, root] = facts.split(/\s+/);
    expect(processors).toBe('2');
    expect(Number(memory) * 1024).toBeLessThan(1024 * 2 ** 20);
    expect(Number(memory) * 1024).toBeGreaterThan(896 * 2 ** 20);
    expect(Number(disk)).toBe(8 * 2 ** 30);
    expect(Number(fileSystem)).toBeGreaterThan(7.2 * 2 ** 30);
    expect([user, root]).toEqual(['footman', 'root']);
  });

  test('has the runtime on a disk, and no copy of it', async () => {
    expect(await inGuest('ls ~/.footman/runtime 2>/dev/null | wc -l')).toBe('0');
    expect(await inGuest('ls /opt/footman/runtime/*/')).toContain('agent.mjs');
  });

  test("reaches no service of the controller's machine", async () => {
    const port = await listen(local);
    const attempt = `timeout 5 bash -c 'cat </dev/tcp/10.0.2.2/${port}' 2>/dev/null || echo refused`;
    expect(await inGuest(attempt)).toBe('refused');
  });

  test('shows its keys to nobody', async () => {
    const [machine = ''] = await machinesOf(node);
    const words = (await readCommandLine(machine)).join('\n');
    const record = JSON.parse(await readFile(join(fixture.nodes, node, 'record.json'), 'utf8'));
    for (const key of [record.loginKey.privateKey, record.hostKey.privateKey]) {
      expect(words).not.toContain(key.split('\n')[1]);
    }
    for (const token of fixture.dialIn.tokens(node)) expect(words).not.toContain(token);
    for (const name of ['.', 'record.json', 'seed.iso']) {
      const { mode } = await stat(join(fixture.nodes, node, name));
      expect(mode & 0o077, name).toBe(0);
    }
    expect(await readFile(`/proc/${machine}/environ`, 'utf8')).toMatch(/^PATH=[^\0]*\0$/);
  });

  test('tells its boot to who asks how it is', async () => {
    expect(await cloud.inspect?.(reference, never)).toEqual({ state: 'running', boot });
  });

  test('keeps its agent over a life of the controller that was launched before', async () => {
    await cloud.close();
    await fixture.dialIn.left(node);
    cloud = await fixture.reopen();
    await fixture.dialIn.arrived(node);
    expect(await inGuest('cat /proc/sys/kernel/random/boot_id')).toBe(boot);
    expect(fixture.dialIn.arrivals(node)).toBe(1);
  });

  test(
    'restarts with its disk and workspace, and gets another agent; once, however often it is asked',
    async () => {
      await inGuest('echo kept > file; echo written');
      const machines = await machinesOf(node);
      await reboot();
      await fixture.dialIn.arrived(node);
      const [content, next = ''] = (await inGuest('cat file /proc/sys/kernel/random/boot_id')).split('\n');
      expect(content).toBe('kept');
      expect(next).not.toBe(boot);
      expect(await machinesOf(node)).toEqual(machines);
      expect(await cloud.inspect?.(reference, never)).toEqual({ state: 'running', boot: next });

      await reboot();
      expect(fixture.dialIn.arrivals(node)).toBe(2);
      expect(await inGuest('cat /proc/sys/kernel/random/boot_id')).toBe(next);
    },
    LONG_MS,
  );

  test('keeps what it printed while it booted', async () => {
    expect(await cloud.console(reference, never)).toContain(`${node} login:`);
  });

  test('powers itself off when it is stopped, and its QEMU ends', async () => {
    const stopping = await fixture.open({ 'power-off-grace': '60s' });
    await inGuest('sudo touch /var/marked; echo 1');
    await stopping.stop(reference, never);
    await stopping.stop(reference, never);
    await expect.poll(() => machinesOf(node), { timeout: 50_000 }).toEqual([]);
    await fixture.dialIn.left(node);
    expect(await cloud.console(reference, never)).toContain('reboot: Power down');
    expect(await cloud.inspect?.(reference, never)).toMatchObject({ state: 'stopped' });
  });

  test('leaves nothing', async () => {
    await cloud.remove(reference, never);
    expect(await fixture.remains(node)).toEqual([]);
    expect(await readdir(fixture.nodes)).toEqual([]);
    expect(await cloud.inspect?.(reference, never)).toEqual({ state: 'gone' });
  });

  function launch(signal: AbortSignal): Promise<unknown> {
    const bootstrap = fixture.dialIn.bootstrap(node);
    return cloud.launch({ node: reference, template: fixture.template, host: null, bootstrap }, signal);
  }

  async function reboot(): Promise<void> {
    const bootstrap = fixture.dialIn.bootstrap(node);
    const template = fixture.template;
    await cloud.reboot?.({ node: reference, template, host: null, boot, bootstrap }, never);
  }

  /** All that the script prints comes in one piece. */
  async function inGuest(script: string): Promise<string> {
    const output = await fixture.dialIn.run(node, `output=$(${script}\n)\nprintf '%s\\n' "$output"`);
    return output.trim();
  }
});
