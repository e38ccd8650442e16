import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { readCommandLine, signalProcesses } from '#test/node-traces';
import { optionalService } from '#test/optional';
import { vmMissing } from '#test/vm-image';
import { openFastFixture } from './qemu-fast-fixture.ts';
import { fastTemplate, PREPARATION_LIMIT_MS, vmStates } from '#test/vm-state';
import { machinesOf, openQemuFixture, type QemuFixture } from './qemu-fixture.ts';

const never = new AbortController().signal;
const BOOT_LIMIT_MS = 180_000;
const POLL = { timeout: 60_000, interval: 50 };

optionalService('QEMU', vmMissing())('a fast start', () => {
  let fixture: QemuFixture;
  let states: string;
  let key: string;

  beforeAll(async () => {
    states = await vmStates();
    key = (await stateKeys(states))[0] ?? '';
  }, PREPARATION_LIMIT_MS);
  afterEach(() => fixture.dispose());

  test('gives each machine an identity, entropy and a clock of its own', async () => {
    fixture = await openFastFixture();
    const [a, b] = [newNode('a'), newNode('b')];
    const told = [await tell(a), await tell(b)];
    for (const name of ['machine-id', 'host-key', 'entropy', 'hostname', 'login', 'uuid'] as const) {
      expect(told[0]?.[name], name).toMatch(/\S{4}/);
      expect(told[0]?.[name], name).not.toBe(told[1]?.[name]);
    }
    expect(told.map((each) => each?.hostname)).toEqual([a, b]);
    expect(told.map((each) => each?.resolves)).toEqual([a, b]);
    expect(told.map((each) => each?.logins)).toEqual(['1', '1']);
    for (const each of told) expect(Number(each.lag)).toBeLessThan(20);
    expect(await recordOf(a)).toMatchObject({ fastStart: key });
    expect(await machinesOf(a)).toHaveLength(1);
  });

  test('that is not there yet is waited for by no launch; one cut short leaves nothing', async () => {
    fixture = await openQemuFixture(await fastTemplate());
    const folder = join(fixture.context.folder, 'fast-start');
    const node = newNode('cold');
    const launching = launch(node);
    await expect.poll(() => machinesOf(key), POLL).toHaveLength(1);
    await expect.poll(() => isBooted(node), POLL).toBe(true);
    // Another life of the controller ends what it finds half made, and no machine of a node.
    await fixture.reopen();
    expect(await machinesOf(key)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    expect(await machinesOf(node)).toHaveLength(1);
    expect(await recordOf(node)).toMatchObject({ fastStart: null });
    expect(await nodesListed()).toEqual([node]);
    await launching.giveUp();
  }, 60_000);

  test(
    'from a state that is broken is a boot instead, and that state is never used again',
    async () => {
      const own = await openOwnState(['disk.qcow2', 'memory', 'runtime.iso']);
      await writeFile(join(own, 'devices'), 'broken');
      const node = newNode('broken');
      const launching = launch(node);
      await expect.poll(() => existsSync(join(own, 'state.json')), POLL).toBe(false);
      await expect.poll(() => isBooted(node), POLL).toBe(true);
      expect(await machinesOf(node)).toHaveLength(1);
      expect(await recordOf(node)).toMatchObject({ fastStart: null });
      await rm(own, { recursive: true });
      await launching.giveUp();
    },
    BOOT_LIMIT_MS,
  );

  test(
    'of a machine that is lost before it has its agent is a boot instead; after two the state is not used again',
    async () => {
      const own = await openOwnState(['disk.qcow2', 'memory', 'runtime.iso', 'devices']);
      for (const [node, isKept] of [
        [newNode('lost'), true],
        [newNode('lost-too'), false],
      ] as const) {
        const launching = launch(node);
        await expect.poll(() => recordOf(node).catch(() => null), POLL).toMatchObject({ isAwake: true });
        signalProcesses(await machinesOf(node), 'SIGKILL');
        await expect.poll(() => isBooted(node), POLL).toBe(true);
        expect(await recordOf(node)).toMatchObject({ fastStart: null, launched: false });
        expect(existsSync(join(own, 'state.json'))).toBe(isKept);
        await launching.giveUp();
        await fixture.cloud.remove({ id: node, resource: null }, never);
      }
      await rm(own, { recursive: true, force: true });
    },
    BOOT_LIMIT_MS,
  );

  /** A cloud with a copy of the state, of which only these parts are there. */
  async function openOwnState(parts: readonly string[]): Promise<string> {
    fixture = await openQemuFixture(await fastTemplate());
    const own = join(fixture.context.folder, 'fast-start', key);
    await mkdir(own);
    for (const name of parts) await symlink(join(states, key, name), join(own, name));
    await cp(join(states, key, 'state.json'), join(own, 'state.json'));
    return own;
  }

  /** For machines that are seen to boot; that they come up then is for others to test. */
  function launch(node: string): { giveUp(): Promise<void> } {
    const abort = new AbortController();
    const launched = fixture.cloud.launch(launchOf(node), abort.signal);
    launched.catch(() => undefined);
    return {
      async giveUp() {
        abort.abort();
        await expect(launched).rejects.toThrow();
      },
    };
  }

  function launchOf(node: string) {
    const bootstrap = fixture.dialIn.bootstrap(node);
    return { node: { id: node, resource: null }, template: fixture.template, host: null, bootstrap };
  }

  async function tell(node: string): Promise<Record<string, string>> {
    await fixture.cloud.launch(launchOf(node), never);
    await fixture.dialIn.arrived(node);
    const output = await fixture.dialIn.run(
      node,
      `cat <<END
      machine-id=$(cat /etc/machine-id)
      host-key=$(sudo cut -d ' ' -f 2 /etc/ssh/ssh_host_ed25519_key.pub)
      entropy=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' ')
      uuid=$(cat /proc/sys/kernel/random/uuid)
      hostname=$(hostname)
      resolves=$(getent hosts "$(hostname)" | awk '{ print $2 }')
      login=$(cut -d ' ' -f 2 ~/.ssh/authorized_keys)
      logins=$(grep -c . ~/.ssh/authorized_keys)
      now=$(date +%s)
END`,
    );
    const told = Object.fromEntries(
      output.split('\n').flatMap((line) => {
        const [name = '', ...rest] = line.trim().split('=');
        return name === '' ? [] : [[name, rest.join('=')]];
      }),
    );
    return { ...told, lag: String(Math.abs(Date.now() / 1000 - Number(told['now']))) };
  }

  async function recordOf(node: string): Promise<object> {
    return JSON.parse(await readFile(join(fixture.nodes, node, 'record.json'), 'utf8'));
  }

  async function nodesListed(): Promise<string[]> {
    return (await Array.fromAsync(fixture.cloud.list(never))).map(({ nodeId }) => nodeId);
  }
});

async function stateKeys(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^[0-9a-f]{32}$/.test(name));
}

/** Its QEMU waits for no state. */
async function isBooted(node: string): Promise<boolean> {
  const [pid] = await machinesOf(node);
  const words = pid === undefined ? [] : await readCommandLine(pid);
  return words.length > 0 && !words.includes('-incoming');
}

function newNode(name: string): string {
  return `n-${process.pid}-${name}`;
}
