import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Cloud } from '#controller/clouds';
import { writeBootDisk, type BootProgram } from '#test/boot-sector';
import { optionalService } from '#test/optional';
import { takesPort } from '#test/ports';
import { vmMissing } from '#test/vm-image';
import { machinesOf, openQemuFixture, type QemuFixture } from './qemu-fixture.ts';

const never = new AbortController().signal;
const run = promisify(execFile);

// Machines with a program of a few bytes in place of a system: what goes wrong around a guest shows without one.
optionalService('QEMU', vmMissing())('qemu machines that never answer', () => {
  let folder: string;
  let fixture: QemuFixture;
  let serial = 0;
  /** Ends launches that are still waiting. */
  let enough: AbortController;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qemu-refusals-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    enough = new AbortController();
    fixture = await openQemuFixture(await templateOf('halts'), {
      accelerator: 'tcg',
      'power-off-grace': '0s',
    });
  });
  afterEach(async () => {
    enough.abort();
    await fixture.dispose();
  });

  test.each([
    ['that is missing', () => join(folder, 'none.qcow2'), 'there is no image'],
    ['that is a folder', () => folder, 'it is no file'],
    ['that is no disk', writePage, 'its first sector is none that boots'],
    ['that was cut short', writeCutShort, 'qemu-img can not read it'],
  ])('an image %s is refused, and nothing is left', async (_, make, sentence) => {
    const node = newNode();
    const refusal = launch(node, { image: await make() });
    await expect(refusal).rejects.toMatchObject({ code: 'cloud-refused', hint: expect.any(String) });
    await expect(refusal).rejects.toThrow(sentence);
    expect(await fixture.remains(node)).toEqual([]);
    expect(await readdir(fixture.nodes)).toEqual([]);
  });

  test('a disk that is smaller than the image is refused', async () => {
    const refusal = launch(newNode(), { ...(await templateOf('halts')), disk: 4096 });
    await expect(refusal).rejects.toThrow('a disk of 4 KiB is smaller than that of');
  });

  test('a machine without QEMU is told which package has it', async () => {
    const cloud = await fixture.open({ program: 'no-such-qemu', accelerator: 'tcg' });
    const refusal = launch(newNode(), await templateOf('halts'), cloud);
    await expect(refusal).rejects.toMatchObject({
      code: 'host-unfit',
      hint: 'on Debian: apt-get install qemu-system-x86',
    });
  });

  test('memory that is not there counts against nobody', async () => {
    const refusal = launch(newNode(), { ...(await templateOf('halts')), memory: '100TiB' });
    await expect(refusal).rejects.toMatchObject({ code: 'cloud-aborted' });
    await expect(refusal).rejects.toThrow('the machine is to have 100 TiB');
  });

  test('a full disk counts against nobody', async () => {
    const small = join(folder, 'small');
    await mkdir(small);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', small]);
    try {
      const full = await openQemuFixture(await templateOf('halts'), { accelerator: 'tcg' }, small);
      const refusal = launch(newNode(), await templateOf('halts'), full.cloud);
      await expect(refusal).rejects.toMatchObject({ code: 'cloud-aborted' });
      await expect(refusal).rejects.toThrow(/the disk of .* is full: .* MiB are free/);
      await full.dispose();
    } finally {
      await run('umount', [small]);
    }
  });

  test.each([
    ['powers itself off', 'was powered off'],
    ['panics', 'has panicked'],
    ['gives up', 'finds nothing to boot on its disk'],
  ] as const)('a machine that %s instead of booting is noticed at once', async (program, reason) => {
    const node = newNode();
    const failure = launch(node, await templateOf(program));
    await expect(failure).rejects.toMatchObject({ code: 'cloud-unavailable' });
    await expect(failure).rejects.toThrow(reason);
    await expect(failure).rejects.toThrow('SeaBIOS');
    expect(await fixture.cloud.console(reference(node), never)).toContain('Booting from Hard Disk');
    await fixture.cloud.remove(reference(node), never);
    expect(await fixture.remains(node)).toEqual([]);
  });

  test('a machine that was powered off is told as such, and started anew by its button', async () => {
    const node = newNode();
    await expect(launch(node, await templateOf('powers itself off'))).rejects.toThrow('was powered off');
    const condition = { state: 'stopped', reason: 'was powered off' };
    expect(await fixture.cloud.inspect?.(reference(node), never)).toEqual(condition);
    const machines = await machinesOf(node);
    await expect(reboot(node)).rejects.toThrow('was powered off');
    expect((await fixture.cloud.console(reference(node), never))?.match(/SeaBIOS/g)).toHaveLength(2);
    expect(await machinesOf(node)).toEqual(machines);
  });

  test('a QEMU that is killed is noticed at once, by its launch and by who asks', async () => {
    const node = newNode();
    const failure = launch(node, await templateOf('halts'));
    failure.catch(() => undefined);
    expect(await fixture.cloud.inspect?.(reference(node), never)).toEqual({ state: 'gone' });
    await bootingOn(fixture.cloud, node);
    process.kill(await machineOf(node), 'SIGKILL');
    await expect(failure).rejects.toThrow('has no QEMU any more');
    expect(await fixture.cloud.inspect?.(reference(node), never)).toEqual({
      state: 'stopped',
      reason: 'has no QEMU any more: it was ended from outside',
    });
    await fixture.cloud.remove(reference(node), never);
    expect(await fixture.remains(node)).toEqual([]);
  });

  test('a machine that does not answer runs, as far as one can tell', async () => {
    const node = newNode();
    await begun(node);
    expect(await fixture.cloud.inspect?.(reference(node), never)).toEqual({ state: 'running', boot: null });
  });

  test('a console keeps its end, however much is printed', async () => {
    const node = newNode();
    launch(node, await templateOf('chatters')).catch(() => undefined);
    const last = 'x'.repeat(64 * 1024);
    const isEnd = async () => (await fixture.cloud.console(reference(node), never)) === last;
    await expect.poll(isEnd, { timeout: 20_000 }).toBe(true);
    const sizes = await run('du', ['-sk', '--exclude=runtime.iso', join(fixture.nodes, node)]);
    expect(Number.parseInt(sizes.stdout)).toBeLessThan(2048);
  });

  test('a machine that is started anew takes another port where its own is taken', async () => {
    const node = newNode();
    await begun(node);
    const port = await portOf(node);
    process.kill(await machineOf(node), 'SIGKILL');
    const thief = createServer();
    await expect.poll(() => takesPort(thief, port), { timeout: 20_000 }).toBe(true);
    try {
      reboot(node).catch(() => undefined);
      await expect.poll(() => portOf(node), { timeout: 20_000 }).not.toBe(port);
      await machineOf(node);
    } finally {
      thief.close();
    }
  });

  test("another controller's node is neither launched on nor removed", async () => {
    const node = newNode();
    await begun(node, await templateOf('halts'), fixture.otherCloud);
    const theirs = await fixture.remains(node);
    const refusal = launch(node, await templateOf('halts'));
    await expect(refusal).rejects.toThrow("is another controller's");
    await fixture.cloud.stop(reference(node), never);
    await fixture.cloud.remove(reference(node), never);
    expect(await fixture.remains(node)).toEqual(theirs);
  });

  test('what a launch left that was cut short anywhere is removed', async () => {
    const [unnamed, empty, lost] = [newNode(), newNode(), newNode()];
    await mkdir(join(fixture.nodes, `${unnamed}.new`));
    await writeFile(join(fixture.nodes, `${unnamed}.new`, 'record.json'), '{"contr');
    await mkdir(join(fixture.nodes, empty));
    await begun(lost);
    await rm(join(fixture.nodes, lost), { recursive: true });
    const listed = await Array.fromAsync(fixture.cloud.list(never));
    expect(listed).toEqual([expect.objectContaining({ nodeId: lost, kind: 'machine' })]);
    expect(Math.abs((listed[0]?.createdAt ?? 0) - Date.now())).toBeLessThan(60_000);
    for (const node of [unnamed, empty, lost]) {
      await fixture.cloud.remove(reference(node), never);
      expect(await fixture.remains(node)).toEqual([]);
    }
    expect(await readdir(fixture.nodes)).toEqual([]);
  });

  test('a folder that bears no record is left alone', async () => {
    await mkdir(join(fixture.nodes, 'photos'));
    await writeFile(join(fixture.nodes, 'photos', 'cat.jpg'), '');
    await fixture.cloud.remove(reference('photos'), never);
    expect(await readdir(join(fixture.nodes, 'photos'))).toEqual(['cat.jpg']);
  });

  test('a node that is launched on what an earlier launch left gets a fresh disk, and one machine', async () => {
    const node = newNode();
    await begun(node);
    const first = await machineOf(node);
    process.kill(first, 'SIGKILL');
    await expect.poll(() => machinesOf(node)).toEqual([]);
    await writeFile(join(fixture.nodes, node, 'overlay.qcow2'), 'half an overlay');
    enough = new AbortController();
    launch(node, await templateOf('halts'), await fixture.reopen()).catch(() => undefined);
    expect(await machineOf(node)).not.toBe(first);
    expect(await machinesOf(node)).toHaveLength(1);
  });

  test('a name that is a path is refused', async () => {
    await expect(fixture.cloud.remove(reference('../x'), never)).rejects.toThrow('"../x"');
  });

  test('a folder with a long path is no obstacle', async () => {
    const deep = join(folder, 'd'.repeat(120));
    await mkdir(deep);
    const long = await openQemuFixture(await templateOf('halts'), { accelerator: 'tcg' }, deep);
    const node = newNode();
    try {
      await begun(node, await templateOf('halts'), long.cloud);
    } finally {
      await long.dispose();
    }
  });

  function newNode(): string {
    return `n-${process.pid}-${Date.now()}-${++serial}`;
  }

  async function templateOf(program: BootProgram): Promise<{ image: string; memory: string }> {
    const image = join(folder, `${program.replaceAll(' ', '-')}.img`);
    await writeBootDisk(image, program);
    return { image, memory: '64MiB' };
  }

  async function writePage(): Promise<string> {
    const path = join(folder, 'page.img');
    await writeFile(path, '<html>not found</html>'.padEnd(4096));
    return path;
  }

  async function writeCutShort(): Promise<string> {
    const path = join(folder, 'cut-short.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, '1G']);
    await truncate(path, 60);
    return path;
  }

  function launch(node: string, template: object, cloud: Cloud = fixture.cloud): Promise<unknown> {
    const parsed = fixture.templateOf(template);
    const bootstrap = fixture.dialIn.bootstrap(node);
    return cloud.launch({ node: reference(node), template: parsed, host: null, bootstrap }, enough.signal);
  }

  async function reboot(node: string): Promise<void> {
    const bootstrap = fixture.dialIn.bootstrap(node);
    const { template } = fixture;
    const request = { node: reference(node), template, host: null, boot: 'x', bootstrap };
    await fixture.cloud.reboot?.(request, enough.signal);
  }

  /** Launches a machine, which is not waited for once it runs. */
  async function begun(node: string, template?: object, cloud?: Cloud): Promise<void> {
    const launched = launch(node, template ?? (await templateOf('halts')), cloud);
    launched.catch(() => undefined);
    await bootingOn(cloud ?? fixture.cloud, node);
    enough.abort();
    await expect(launched).rejects.toThrow();
    enough = new AbortController();
  }

  async function portOf(node: string): Promise<number> {
    return JSON.parse(await readFile(join(fixture.nodes, node, 'record.json'), 'utf8')).network.port;
  }
});

function reference(id: string): { id: string; resource: null } {
  return { id, resource: null };
}

async function bootingOn(cloud: Cloud, node: string): Promise<void> {
  const read = () => cloud.console(reference(node), never);
  await expect.poll(read, { timeout: 20_000 }).toContain('Booting from Hard Disk');
}

/** The number of the node's one QEMU, as soon as there is one. */
async function machineOf(node: string): Promise<number> {
  await expect.poll(() => machinesOf(node), { timeout: 20_000 }).toHaveLength(1);
  return Number((await machinesOf(node))[0]);
}
