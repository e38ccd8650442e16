import { createReadStream, existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CapturedImage, Cloud, CloudImages } from '#controller/clouds';
import { runProgram } from '#controller/programs';
import { writeBootDisk } from '#test/boot-sector';
import { optionalService } from '#test/optional';
import { vmMissing } from '#test/vm-image';
import { machinesOf, openQemuFixture, type QemuFixture } from './qemu-fixture.ts';

const never = new AbortController().signal;
const node = `n-${process.pid}`;
const reference = { id: node, resource: null };

// Files, and machines with a program of a few bytes in place of a system: none of this needs a guest.
optionalService('QEMU', vmMissing())('an image of virtual machines', () => {
  let folder: string;
  let disk: string;
  let fixture: QemuFixture;
  /** Ends launches that are still waiting. */
  let enough: AbortController;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qemu-image-files-'));
    const raw = join(folder, 'halts.img');
    disk = join(folder, 'halts.qcow2');
    await writeBootDisk(raw, 'halts');
    await qemuImg('convert', '-f', 'raw', '-O', 'qcow2', raw, disk);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    enough = new AbortController();
    const settings = { accelerator: 'tcg', 'power-off-grace': '0s' };
    fixture = await openQemuFixture({ image: disk, memory: '64MiB' }, settings);
  });
  afterEach(async () => {
    enough.abort();
    await fixture.dispose();
  });

  test('is the file that it was imported from, once, and is exported as that', async () => {
    const made = await imported('v-1');
    expect(made).toMatchObject({ digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    expect(made.bytes).toBeGreaterThan(0);
    expect(await images().import('v-1', Readable.from(['something else']), never)).toEqual(made);
    const { content, suffix } = await images().export('v-1', never);
    expect(suffix).toBe('.qcow2');
    expect((await images().import('v-2', content, never)).digest).toBe(made.digest);
    expect(await Array.fromAsync(images().list(never))).toMatchObject([{ name: 'v-1' }, { name: 'v-2' }]);
  });

  test('is found by its note, however large it is', async () => {
    const made = await imported('v-1');
    // Nobody reads it: what stands in it by now is not seen.
    const file = await open(made.image, 'r+');
    await file.write(Buffer.from('x'), 0, 1, 60_000);
    await file.close();
    expect(await images().find('v-1', never)).toEqual(made);
  });

  test.each([
    ['has no note', (image: string) => rm(join(dirname(image), 'image.json'))],
    ['was cut short', (image: string) => truncate(image, 1000)],
  ])('that %s is none; it is listed, and made anew', async (_, damage) => {
    const made = await imported('v-1');
    await damage(made.image);
    expect(await images().find('v-1', never)).toBeNull();
    expect(await Array.fromAsync(images().list(never))).toMatchObject([{ name: 'v-1' }]);
    await expect(images().export('v-1', never)).rejects.toMatchObject({ code: 'cloud-refused' });
    expect(await imported('v-1')).toEqual(made);
    await images().remove('v-1', never);
    expect(await Array.fromAsync(images().list(never))).toEqual([]);
  });

  test.each([
    ['a page', writePage, 'it is no qcow2 file'],
    ['nothing', () => Promise.resolve('/dev/null'), 'it is no qcow2 file'],
    [
      'a disk over a file of this machine',
      () => made('-b', '/etc/passwd', '-F', 'raw'),
      'stands on another file',
    ],
    ['a disk whose content is elsewhere', writeOutside, 'its content is in another file'],
    ['an encrypted disk', writeEncrypted, 'it is encrypted'],
    ['a damaged disk', writeDamaged, 'it is damaged'],
  ])('is not made of %s', async (_, write, sentence) => {
    const refusal = images().import('v-1', createReadStream(await write()), never);
    await expect(refusal).rejects.toMatchObject({ code: 'cloud-refused', hint: expect.any(String) });
    await expect(refusal).rejects.toThrow(sentence);
    expect(await Array.fromAsync(images().list(never))).toEqual([]);
    expect(await left()).toEqual([]);
  });

  test('whose sender goes away, or whose caller does, leaves nothing', async () => {
    const broken = new Readable({ read() {} });
    const importing = images().import('v-1', broken, never);
    broken.push('QFI');
    await expect.poll(left).toEqual(['.making-v-1']);
    // It is under way.
    expect(await Array.fromAsync(images().list(never))).toEqual([]);
    broken.destroy(new Error('the sender went away'));
    await expect(importing).rejects.toThrow('the sender went away');
    const caller = new AbortController();
    const endless = images().import('v-1', new Readable({ read() {} }), caller.signal);
    await expect.poll(left).toEqual(['.making-v-1']);
    caller.abort(new Error('enough'));
    await expect(endless).rejects.toThrow();
    expect(await left()).toEqual([]);
  });

  test('that an earlier life of the controller was writing is gone with the next', async () => {
    const { image } = await imported('v-1');
    const aside = join(dirname(image), '..', '.making-v-2');
    await mkdir(aside);
    await writeFile(join(aside, 'disk.qcow2'), 'half');
    await fixture.open();
    expect(await left()).toEqual(['v-1']);
  });

  test.each(['../x', '.x', 'a/b', '', 'x'.repeat(129)])('has no name such as %j', async (name) => {
    for (const refusal of [images().find(name, never), images().remove(name, never), imported(name)])
      await expect(refusal).rejects.toMatchObject({ code: 'cloud-refused' });
  });

  test("is its controller's alone", async () => {
    await imported('v-1');
    const others = fixture.otherCloud.images;
    expect(await others?.find('v-1', never)).toBeNull();
    await others?.remove('v-1', never);
    await expect(launchFrom('v-1', fixture.otherCloud)).rejects.toThrow('there is no image v-1');
    expect(await images().find('v-1', never)).not.toBeNull();
  });

  test('is what a machine stands on that is launched from it, and stays for so long', async () => {
    const { image } = await imported('v-1');
    await expect(launchFrom('v-2')).rejects.toMatchObject({ code: 'cloud-refused' });
    await begun('v-1');
    expect(JSON.parse(await readFile(recordPath(), 'utf8')).image.path).toBe(image);
    const info = await qemuImg('info', '-U', '--output=json', join(fixture.nodes, node, 'overlay.qcow2'));
    expect(JSON.parse(info)).toMatchObject({ 'backing-filename': image });
    await expect(images().remove('v-1', never)).rejects.toMatchObject({ code: 'cloud-refused' });
    await fixture.cloud.remove(reference, never);
    await images().remove('v-1', never);
    expect(existsSync(image)).toBe(false);
  });

  test('goes with the saved states that stand on it', async () => {
    const { image } = await imported('v-1');
    const states = join(fixture.context.folder, 'fast-start');
    for (const [key, of] of [
      ['a', image],
      ['b', disk],
    ] as const) {
      await mkdir(join(states, key.repeat(32)));
      await writeFile(join(states, key.repeat(32), 'state.json'), JSON.stringify({ line: key, image: of }));
    }
    await images().remove('v-1', never);
    expect(await readdir(states)).toEqual(['b'.repeat(32)]);
  });

  test('goes while a state is being prepared on it, which ends', async () => {
    await imported('v-1');
    const states = join(fixture.context.folder, 'fast-start');
    const template = fixture.templateOf({ memory: '64MiB', 'fast-start': true });
    const launched = launchFrom('v-1', fixture.cloud, template);
    launched.catch(() => undefined);
    await expect.poll(() => readdir(states), { timeout: 20_000 }).toHaveLength(1);
    const [aside = ''] = await readdir(states);
    const preparing = () => machinesOf(aside.split('-').at(-1) ?? '');
    await expect.poll(preparing, { timeout: 20_000 }).toHaveLength(1);
    enough.abort();
    await expect(launched).rejects.toThrow();
    await fixture.cloud.remove(reference, never);
    await images().remove('v-1', never);
    expect(await preparing()).toEqual([]);
    expect(await readdir(states)).toEqual([]);
  });

  test('is what a machine wrote that had forgotten who it was when its capture was cut short', async () => {
    await begun();
    const record = JSON.parse(await readFile(recordPath(), 'utf8'));
    await writeFile(`${recordPath()}.new`, JSON.stringify({ ...record, isForgetful: true }));
    await rename(`${recordPath()}.new`, recordPath());
    const [first, second] = await Promise.all([1, 2].map(() => images().capture(reference, 'v-1', never)));
    expect(first).toEqual(second);
    expect(await machinesOf(node)).toEqual([]);
    expect(await qemuImg('compare', first?.image ?? '', disk)).toContain('Images are identical');
    expect(await qemuImg('info', '--output=json', first?.image ?? '')).not.toContain('backing');
    const { mtimeMs } = await stat(first?.image ?? '');
    expect(await images().capture(reference, 'v-1', never)).toEqual(first);
    expect((await stat(first?.image ?? '')).mtimeMs).toBe(mtimeMs);
  });

  test('is asked of a template that has none', async () => {
    const template = fixture.templateOf({ memory: '64MiB' });
    expect(await fixture.cloud.currentImage?.(template, never)).toBeNull();
    await expect(launchFrom(undefined, fixture.cloud, template)).rejects.toThrow('the template has no image');
  });

  function images(): CloudImages {
    if (fixture.cloud.images === undefined) throw new Error('the cloud has no images');
    return fixture.cloud.images;
  }

  async function imported(name: string): Promise<CapturedImage> {
    return images().import(name, createReadStream(disk), never);
  }

  /** What there is of images, half made ones included. */
  async function left(): Promise<string[]> {
    const parent = join(fixture.context.folder, 'images');
    const owners = await readdir(parent).catch(() => []);
    return (await Promise.all(owners.map((owner) => readdir(join(parent, owner))))).flat();
  }

  function launchFrom(image?: string, cloud: Cloud = fixture.cloud, template = fixture.template) {
    const bootstrap = fixture.dialIn.bootstrap(node);
    const from = image === undefined ? {} : { image };
    return cloud.launch({ node: reference, template, host: null, ...from, bootstrap }, enough.signal);
  }

  /** Launches a machine, which is not waited for once it runs. */
  async function begun(image?: string): Promise<void> {
    const launched = launchFrom(image);
    launched.catch(() => undefined);
    const { cloud } = fixture;
    await expect
      .poll(() => cloud.console(reference, never), { timeout: 20_000 })
      .toContain('Booting from Hard Disk');
    enough.abort();
    await expect(launched).rejects.toThrow();
  }

  function recordPath(): string {
    return join(fixture.nodes, node, 'record.json');
  }

  async function writePage(): Promise<string> {
    const path = join(folder, 'page');
    await writeFile(path, '<html>not found</html>'.padEnd(4096));
    return path;
  }

  async function made(...options: string[]): Promise<string> {
    const path = join(folder, 'made.qcow2');
    await qemuImg('create', '-q', '-f', 'qcow2', ...options, path, '1M');
    return path;
  }

  function writeOutside(): Promise<string> {
    return made('-o', `data_file=${join(folder, 'outside.raw')}`);
  }

  /** Its header names LUKS; to make keys for one takes a time that `qemu-img` has to be able to measure. */
  async function writeEncrypted(): Promise<string> {
    const path = await made();
    const file = await open(path, 'r+');
    await file.write(Buffer.from('00000002', 'hex'), 0, 4, 32);
    await file.close();
    return path;
  }

  /** Its first table of clusters is beyond its end. */
  async function writeDamaged(): Promise<string> {
    const path = await made();
    const file = await open(path, 'r+');
    await file.write(Buffer.from('00000000ffff0000', 'hex'), 0, 8, 40);
    await file.close();
    return path;
  }
});

function qemuImg(...args: string[]): Promise<string> {
  return runProgram({ file: 'qemu-img', args }, never);
}
