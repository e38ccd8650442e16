import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '#controller/programs';
import { optionalService } from '#test/optional';
import { vmMissing } from '#test/vm-image';
import { openFastFixture } from './qemu-fast-fixture.ts';
import { PREPARATION_LIMIT_MS, vmStates } from '#test/vm-state';
import type { QemuFixture } from './qemu-fixture.ts';

const never = new AbortController().signal;
const BOOT_LIMIT_MS = 180_000;
const KEPT = 'what-the-image-is-for';
/** Never whole in a command line, and small: what remains of a big file would be found more easily. */
const SECRET = 'workspace-text-of-this-job';

optionalService('QEMU', vmMissing())('the image that is captured of a virtual machine', () => {
  let fixture: QemuFixture;
  let image: string;
  const [first, second] = [`n-${process.pid}-first`, `n-${process.pid}-second`];
  const records: { loginKey: { privateKey: string; publicKey: string }; hostKey: { privateKey: string } }[] =
    [];
  const told: Record<string, string> = {};

  beforeAll(async () => {
    await vmStates();
    fixture = await openFastFixture();
    await launch(first, fixture.template);
    await run(
      first,
      `echo ${KEPT} | sudo tee /etc/kept >/dev/null
      mkdir work && cd work && for i in $(seq 300); do printf '%s-%s' workspace-text of-this-job >file-$i; done
      printf '%s-%s' workspace-text of-this-job >/tmp/left; printf '%s-%s' workspace-text of-this-job >~/.bash_history
      logger "$(cat /tmp/left)"; sync; sudo rm -rf file-1??; sync; echo done`,
    );
    told[first] = await tellIdentity(first);
    records.push(JSON.parse(await readFile(join(fixture.nodes, first, 'record.json'), 'utf8')));
    ({ image } = await capture(first, 'v-1'));
  }, PREPARATION_LIMIT_MS + BOOT_LIMIT_MS);
  afterAll(() => fixture.dispose());

  test('is whole, stands on no other file, and holds no secret of the job, in any block', async () => {
    const info = await runProgram({ file: 'qemu-img', args: ['info', '--output=json', image] }, never);
    expect(JSON.parse(info)).not.toHaveProperty('backing-filename');
    const raw = join(fixture.context.folder, 'raw');
    await runProgram({ file: 'qemu-img', args: ['convert', '-O', 'raw', image, raw] }, never);
    const [record] = records;
    const keys = `${record?.loginKey.privateKey}${record?.hostKey.privateKey}`;
    const login = record?.loginKey.publicKey.split(' ')[1] ?? '';
    const secrets = [SECRET, login, ...fixture.dialIn.tokens(first), ...middles(keys)];
    expect(secrets.length).toBeGreaterThan(6);
    expect(await found(raw, [KEPT, ...secrets])).toEqual([KEPT]);
    expect(await found(image, secrets)).toEqual([]);
  });

  test('is captured once, however often that is asked', async () => {
    const before = await stat(image);
    expect(await capture(first, 'v-1')).toMatchObject({ image, digest: expect.stringMatching(/^sha256:/) });
    expect((await stat(image)).mtimeMs).toBe(before.mtimeMs);
    expect(await fixture.cloud.images?.find('v-1', never)).toMatchObject({ image });
  });

  test('survives a controller that died while it wrote another one, of which nothing remains', async () => {
    const aside = join(fixture.context.folder, 'images', 'v-2.qcow2.making');
    await writeFile(aside, 'half');
    const cloud = await fixture.reopen();
    await expect(stat(aside)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await cloud.images?.find('v-1', never)).toMatchObject({ image });
    expect(await cloud.images?.find('v-2', never)).toBeNull();
  });

  test(
    'boots as a machine of its own, with the content, and stays while that stands on it',
    async () => {
      await fixture.cloud.remove({ id: first, resource: null }, never);
      await launch(second, fixture.templateOf({ image }));
      expect(await run(second, 'cat /etc/kept')).toContain(KEPT);
      told[second] = await tellIdentity(second);
      const [mine, others] = [told[second].split('\n'), told[first]?.split('\n') ?? []];
      expect(mine.slice(0, 2).every((line) => line.length > 20)).toBe(true);
      expect(mine.filter((line) => line.length > 20 && others.includes(line))).toEqual([]);
      expect(await run(second, 'wc -l <~/.ssh/authorized_keys')).toBe('1\n');
      await expect(fixture.cloud.images?.remove('v-1', never)).rejects.toMatchObject({
        code: 'cloud-refused',
      });
      await fixture.cloud.remove({ id: second, resource: null }, never);
      await fixture.cloud.images?.remove('v-1', never);
      await fixture.cloud.images?.remove('v-1', never);
      expect(await fixture.cloud.images?.find('v-1', never)).toBeNull();
    },
    BOOT_LIMIT_MS,
  );

  async function launch(node: string, template: unknown): Promise<void> {
    const bootstrap = fixture.dialIn.bootstrap(node);
    await fixture.cloud.launch(
      { node: { id: node, resource: null }, template, host: null, bootstrap },
      never,
    );
    await fixture.dialIn.arrived(node);
  }

  function run(node: string, script: string): Promise<string> {
    return fixture.dialIn.run(node, script);
  }

  /** Machine id, host key, and who may log in, a line each. */
  function tellIdentity(node: string): Promise<string> {
    return run(
      node,
      'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub ~/.ssh/authorized_keys | sort -u',
    );
  }

  async function capture(node: string, version: string): Promise<{ image: string; bytes: number }> {
    const made = await fixture.cloud.images?.capture({ id: node, resource: null }, version, never);
    if (made === undefined) throw new Error('the cloud captures nothing');
    return made;
  }
});

/** Lines of private keys that are their own: how they begin is the same in all. */
function middles(keys: string): string[] {
  return keys.split('\n').filter((line) => line.length > 40 && !/^(-----|b3BlbnNz)/.test(line));
}

/** Which of the texts are in the file, over all borders of what is read at once. */
async function found(file: string, texts: readonly string[]): Promise<string[]> {
  const left = new Set(texts);
  const longest = Math.max(...texts.map((text) => text.length));
  let tail = Buffer.alloc(0);
  for await (const bytes of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 })) {
    const all = Buffer.concat([tail, bytes]);
    for (const text of left) if (all.includes(text)) left.delete(text);
    tail = all.subarray(-longest);
  }
  return texts.filter((text) => !left.has(text));
}
