import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeBootDisk } from '#test/boot-sector';
import { optionalService } from '#test/optional';
import { vmMissing } from '#test/vm-image';
import { openQemuFixture, type QemuFixture } from './qemu-fixture.ts';

const never = new AbortController().signal;
const bridge = `fmt${process.pid}`;
/** Nobody else's, whoever runs this at the same time. */
const [node1, node2, node3] = [`n-${process.pid}-1`, `n-${process.pid}-2`, `n-${process.pid}-3`] as const;

// No guest: what machines have on a bridge is seen from this side of it.
optionalService('network bridge', vmMissing() ?? bridgeMissing())('qemu machines on a bridge', () => {
  let folder: string;
  let fixture: QemuFixture;
  let enough: AbortController;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qemu-bridge-'));
    await writeBootDisk(join(folder, 'halts.img'), 'halts');
    execFileSync('ip', ['link', 'add', bridge, 'type', 'bridge']);
  });
  afterAll(async () => {
    execFileSync('ip', ['link', 'del', bridge]);
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    enough = new AbortController();
    fixture = await openQemuFixture(templateOn(bridge), { accelerator: 'tcg' });
  });
  afterEach(async () => {
    enough.abort();
    await fixture.dispose();
  });

  test('have addresses of their own, and devices that go with them', async () => {
    launch(node1).catch(() => undefined);
    launch(node2).catch(() => undefined);
    await expect.poll(devices, { timeout: 20_000 }).toHaveLength(2);
    const given = [await addressOf(node1), await addressOf(node2)];
    expect(given.toSorted()).toEqual(['10.99.0.10/24', '10.99.0.11/24']);

    const refusal = launch(node3);
    await expect(refusal).rejects.toMatchObject({ code: 'cloud-aborted' });
    await expect(refusal).rejects.toThrow('all addresses from 10.99.0.10 to 10.99.0.11 are in use');

    enough.abort();
    enough = new AbortController();
    await fixture.cloud.remove({ id: node1, resource: null }, never);
    expect(devices()).toHaveLength(1);
    launch(node3).catch(() => undefined);
    await expect.poll(devices, { timeout: 20_000 }).toHaveLength(2);
    expect(await addressOf(node3)).toBe(given[0]);
    await fixture.cloud.remove({ id: node2, resource: null }, never);
    await fixture.cloud.remove({ id: node3, resource: null }, never);
    expect(devices()).toEqual([]);
  });

  test('need a bridge that is there', async () => {
    const refusal = launch(node1, templateOn('no-bridge'));
    await expect(refusal).rejects.toMatchObject({
      code: 'cloud-refused',
      hint: 'ip link add no-bridge type bridge',
    });
    expect(await fixture.remains(node1)).toEqual([]);
  });

  function templateOn(name: string): object {
    const network = { bridge: name, addresses: '10.99.0.10-10.99.0.11/24' };
    return { image: join(folder, 'halts.img'), memory: '64MiB', network };
  }

  function launch(id: string, template = templateOn(bridge)): Promise<unknown> {
    const node = { id, resource: null };
    const bootstrap = fixture.dialIn.bootstrap(id);
    const wanted = { node, template: fixture.templateOf(template), host: null, bootstrap };
    return fixture.cloud.launch(wanted, enough.signal);
  }

  async function addressOf(node: string): Promise<string> {
    return JSON.parse(await readFile(join(fixture.nodes, node, 'record.json'), 'utf8')).address.address;
  }
});

function devices(): string[] {
  return readdirSync(`/sys/class/net/${bridge}/brif`);
}

/** Why this machine makes no bridge, or undefined. */
function bridgeMissing(): string | undefined {
  try {
    execFileSync('ip', ['link', 'add', bridge, 'type', 'bridge'], { stdio: 'ignore' });
    execFileSync('ip', ['link', 'del', bridge]);
    return undefined;
  } catch {
    return 'this machine makes none';
  }
}
