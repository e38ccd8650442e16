import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Held, HeldLab, HeldPlace } from '#test/held-lab';
import { heldNodeSuite } from '#test/held-node-suite';
import { optionalService } from '#test/optional';
import { sshClientMissing } from '#test/ssh-client';
import { vmMissing } from '#test/vm-image';
import { fastTemplate, PREPARATION_LIMIT_MS, vmStates } from '#test/vm-state';
import { machinesOf } from '../contracts/clouds/qemu-fixture.ts';

/** The machine boots, which is emulated. */
const REBOOT_LIMIT_MS = 600_000;

optionalService('QEMU', vmMissing() ?? sshClientMissing())('a held virtual machine', () => {
  beforeAll(vmStates, PREPARATION_LIMIT_MS);

  // Emulation is slow: less than the 100 MB of others.
  heldNodeSuite(openPlace, { bigBytes: 1e7, short: '12s' }, restarts);
});

function restarts(lab: () => HeldLab): void {
  const keysInGuest = async () => (await lab().ssh('cat ~/.ssh/authorized_keys')).stdout.toString();

  // Both at once: most of it is waiting.
  test(
    'one that its holder reboots gets its agent and its keys again, one that is powered off stays off, and both stay held',
    async () => {
      const off = await lab().holdOther('10m');
      await lab().person.ssh({ ...lab().login, user: off.id }, ['sudo poweroff']);
      await reboot();
      await isTold(off);
    },
    REBOOT_LIMIT_MS,
  );

  async function reboot(): Promise<void> {
    const { held, now, nodeEvent, person, login } = lab();
    const line = new RegExp(`^expiry-time="\\d{14}" ssh-ed25519 \\S+ footman-hold-${held.id}$`, 'm');
    // A restart of the controller is just behind it.
    await expect.poll(keysInGuest, { timeout: 120_000 }).toMatch(line);
    const since = await now();
    const terminal = person.terminal(login);
    await terminal.shown('footman-rerun repeats the step');
    terminal.type('sed -i /footman-hold/d ~/.ssh/authorized_keys; sudo reboot\r');
    expect((await terminal.ended).exit).not.toBe(0);
    await nodeEvent(since, ({ connected }) => connected === false);
    expect(await lab().view()).toMatchObject({ state: 'held', node: { connected: false } });
    await nodeEvent(since, ({ connected }) => connected === true);
    const { exit, stdout } = await lab().ssh('cat answer; footman-rerun');
    expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 1, stdout: '6 * 7\ngot 42, expected 41\n' });
    await expect.poll(keysInGuest, { timeout: 120_000 }).toMatch(line);
    expect(await lab().view()).toMatchObject({ node: { connected: true, trouble: null } });
  }

  async function isTold({ id, node }: Held): Promise<void> {
    const { api, controller, gone, login, person, place, view } = lab();
    const trouble = 'its machine was powered off';
    await controller.api.event(({ nodeId, data: { reason } }) => nodeId === node && reason === trouble);
    expect(await view(id)).toMatchObject({ state: 'held', node: { connected: false, trouble } });
    const { stderr } = await person.ssh({ ...login, user: id }, ['true']);
    expect(stderr).toContain("the node's agent is not connected");
    await api('DELETE', `/holds/${id}`);
    await gone(node);
    expect(await place.remains(node, controller.data)).toEqual([]);
  }
}

async function openPlace(): Promise<HeldPlace> {
  const template = { labels: 'held other', ...(await fastTemplate()) };
  return {
    clouds: { vms: { kind: 'qemu', templates: { debian: template } } },
    async prepare(data) {
      const folder = join(data, 'clouds', 'vms');
      await mkdir(folder, { recursive: true });
      await symlink(await vmStates(), join(folder, 'fast-start'));
    },
    async remains(node, data) {
      const folder = join(data, 'clouds', 'vms', 'nodes', node);
      return [...(await machinesOf(node)), ...(existsSync(folder) ? [folder] : [])];
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
