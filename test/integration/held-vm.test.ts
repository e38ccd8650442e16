import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { HeldLab, HeldPlace } from '#test/held-lab';
import { heldNodeSuite } from '#test/held-node-suite';
import { optionalService } from '#test/optional';
import { sshClientMissing } from '#test/ssh-client';
import { vmMissing } from '#test/vm-image';
import { fastTemplate, PREPARATION_LIMIT_MS, vmStates } from '#test/vm-state';
import { machinesOf } from '../contracts/clouds/qemu-fixture.ts';

/** The machine boots, which is emulated. */
const REBOOT_LIMIT_MS = 180_000;

optionalService('QEMU', vmMissing() ?? sshClientMissing())('a held virtual machine', () => {
  beforeAll(vmStates, PREPARATION_LIMIT_MS);

  // Emulation is slow: less than the 100 MB of others.
  heldNodeSuite(openPlace, { bigBytes: 1e7, short: '12s' }, restarts);
});

function restarts(lab: () => HeldLab): void {
  const keysInGuest = async () => (await lab().ssh('cat ~/.ssh/authorized_keys')).stdout.toString();

  test(
    'that its holder reboots stays held: its agent comes back, people get in, and the keys are there again',
    async () => {
      const { held, now, nodeEvent, person, login } = lab();
      const line = new RegExp(`^expiry-time="\\d{14}" ssh-ed25519 \\S+ footman-hold-${held.id}$`, 'm');
      expect(await keysInGuest()).toMatch(line);
      const since = await now();
      const terminal = person.terminal(login);
      await terminal.shown('footman-rerun repeats the step');
      terminal.type('sed -i /footman-hold/d ~/.ssh/authorized_keys; sudo reboot\r');
      expect((await terminal.ended).exit).not.toBe(0);
      await nodeEvent(since, ({ connected }) => connected === false);
      expect(await lab().view()).toMatchObject({ state: 'held', node: { connected: false } });
      await nodeEvent(since, ({ connected }) => connected === true);
      const { exit, stdout } = await lab().ssh('cat answer; footman-rerun');
      expect({ exit, stdout: stdout.toString() }).toEqual({
        exit: 1,
        stdout: '6 * 7\ngot 42, expected 41\n',
      });
      await expect.poll(keysInGuest, { timeout: 20_000 }).toMatch(line);
    },
    REBOOT_LIMIT_MS,
  );

  test('that its holder powers off stays held and off, and whoever looks is told', async () => {
    const { held, now, nodeEvent, controller } = lab();
    const since = await now();
    await lab().ssh('sudo poweroff');
    await nodeEvent(since, ({ reason }) => typeof reason === 'string');
    expect(await lab().view()).toMatchObject({
      state: 'held',
      node: { connected: false, trouble: expect.stringMatching(/^its machine was powered off/) },
    });
    expect((await lab().ssh('true')).stderr).toContain("the node's agent is not connected");
    expect(await controller.api.get(`/nodes/${held.node}`)).toMatchObject({ state: 'held' });
  });
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
