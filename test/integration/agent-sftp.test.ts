import { execFileSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, readdirSync, statSync, writeFileSync } from 'node:fs';
import {
  chmod,
  link,
  lstat,
  mkdir,
  readFile,
  readlink,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { optionalService } from '#test/optional';
import { createSftpPlace, sftpMissing } from '#test/sftp-client';

const { uid } = userInfo();
const MIB = 1024 * 1024;

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** All names below the folder, one character a byte, with contents of files. */
function treeOf(folder: Buffer): Map<string, string> {
  const tree = new Map<string, string>();
  for (const name of readdirSync(folder, 'buffer')) {
    const path = Buffer.concat([folder, Buffer.from('/'), name]);
    const [key, stats] = [name.toString('latin1'), statSync(path)];
    if (!stats.isDirectory()) tree.set(key, `${stats.size} ${stats.mtimeMs} ${stats.mode}`);
    else for (const [below, content] of treeOf(path)) tree.set(`${key}/${below}`, content);
  }
  return tree;
}

/** Of each line but the first; the columns may be wider or narrower. */
function words(listing: string): string[][] {
  const [, ...lines] = listing.split('\n');
  return lines.map((line) => line.replace(/ ->.*/, '').split(/ +/));
}

/** What each line says last. */
function reasons(text: string): string[] {
  const lines = text.trim().split(/\r?\n/);
  return lines.map((line) => line.split(': ').at(-1) ?? '');
}

optionalService('OpenSSH client', sftpMissing())("OpenSSH's sftp with the agent's server", () => {
  test('100 MB go there and back byte for byte', async () => {
    await using place = await createSftpPlace();
    const { local, remote } = place;
    await writeFile(join(local, 'big'), randomFillSync(Buffer.allocUnsafe(100 * 1000 * 1000)));
    const { exit, err } = await place.run(['put -f big', 'get big back']);
    expect([exit, err]).toEqual([0, '']);
    const sent = await digest(join(local, 'big'));
    expect(await digest(join(remote, 'big'))).toBe(sent);
    expect(await digest(join(local, 'back'))).toBe(sent);
  });

  test('any name of a file goes there and back, with its time and mode', async () => {
    await using place = await createSftpPlace();
    const names = [
      'with spaces',
      'new\nline',
      'quo"te',
      '\xff\xfe not UTF-8',
      'ünïcode',
      '-dash',
      '*?[a]',
      'folder/deep/x',
    ];
    const tree = Buffer.from(join(place.local, 'tree'));
    await mkdir(join(place.local, 'tree/folder/deep'), { recursive: true });
    for (const [index, name] of names.entries()) {
      const path = Buffer.concat([tree, Buffer.from(`/${name}`, 'latin1')]);
      writeFileSync(path, name);
      await chmod(path, 0o640 + index);
      await utimes(path, 1_000_000_000, 1_000_000_000 + index);
    }
    const { exit, err } = await place.run(['put -rp tree', 'rename tree again', 'get -rp again']);
    expect([exit, err]).toEqual([0, '']);
    expect(treeOf(Buffer.from(join(place.remote, 'again')))).toEqual(treeOf(tree));
    expect(treeOf(Buffer.from(join(place.local, 'again')))).toEqual(treeOf(tree));
    expect(treeOf(tree).size).toBe(names.length);
  });

  test('2,000 small files go there and back', async () => {
    await using place = await createSftpPlace();
    const folder = join(place.local, 'many');
    await mkdir(folder);
    for (let number = 0; number < 2000; number++)
      writeFileSync(join(folder, `file ${number}`), `${number}\n`);
    const { exit, err } = await place.run(['put -r many', 'rename many back', 'get -r back']);
    expect([exit, err]).toEqual([0, '']);
    const names = readdirSync(join(place.local, 'back'));
    expect(names).toHaveLength(2000);
    expect(await readFile(join(place.local, 'back/file 1999'), 'utf8')).toBe('1999\n');
  });

  test('what was broken off is taken up where it ended', async () => {
    await using place = await createSftpPlace();
    const { local, remote } = place;
    const whole = Buffer.alloc(3 * MIB, 'new');
    const part = Buffer.alloc(MIB, 'old');
    await Promise.all([
      writeFile(join(local, 'up'), whole),
      writeFile(join(remote, 'up'), part),
      writeFile(join(remote, 'down'), whole),
      writeFile(join(local, 'down'), part),
    ]);
    const { exit, err } = await place.run(['reput up', 'reget down']);
    expect([exit, err]).toEqual([0, '']);
    const resumed = Buffer.concat([part, whole.subarray(MIB)]);
    expect(resumed.equals(await readFile(join(remote, 'up')))).toBe(true);
    expect(resumed.equals(await readFile(join(local, 'down')))).toBe(true);
  });

  test('files are renamed, linked, changed and removed', async () => {
    await using place = await createSftpPlace();
    const at = (name: string): string => join(place.remote, name);
    await Promise.all(['a', 'b', 'c', 'gone'].map((name) => writeFile(at(name), name)));
    await symlink('c', at('made'));
    const owner = uid === 0 ? 4321 : uid;
    const { exit, err, out } = await place.run([
      'pwd',
      'mkdir "a folder"',
      'cd "a folder"',
      'rename ../a moved',
      'rename ../b moved',
      'symlink nowhere soft',
      'ln ../c hard',
      'cd ..',
      'chmod 2754 c',
      `chown -h ${owner} made`,
      'rm gone',
      'mkdir empty',
      'rmdir empty',
      'df',
      'df -i',
    ]);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toContain(`Remote working directory: ${place.remote}\n`);
    expect(out).toMatch(/Size +Used +Avail +\(root\) +%Capacity\n +\d{4,} /);
    expect(await readFile(at('a folder/moved'), 'utf8')).toBe('b');
    expect(await readlink(at('a folder/soft'))).toBe('nowhere');
    expect(await stat(at('c'))).toMatchObject({ mode: 0o102754, nlink: 2, uid });
    expect((await lstat(at('made'))).uid).toBe(owner);
    expect(readdirSync(place.remote).sort()).toEqual(['a folder', 'c', 'made']);
  });

  test('a listing looks as that of ls', async () => {
    await using place = await createSftpPlace();
    const { remote } = place;
    await Promise.all(
      ['plain', 'old', 'setuid', 'sticky'].map((name) => writeFile(join(remote, name), name)),
    );
    await utimes(join(remote, 'old'), 981_173_106, 981_173_106);
    await chmod(join(remote, 'setuid'), 0o4755);
    await chmod(join(remote, 'sticky'), 0o1640);
    await link(join(remote, 'plain'), join(remote, 'twice'));
    await mkdir(join(remote, 'folder'));
    await symlink('plain', join(remote, 'link'));
    execFileSync('mkfifo', [join(remote, 'pipe')]);
    const { out } = await place.run(['ls -la']);
    const ls = execFileSync('ls', ['-la', remote], { env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } });
    expect(words(out)).toEqual(words(ls.toString()));
  });

  test('what may not be done is refused with its reason, and the session goes on', async () => {
    await using place = await createSftpPlace();
    await writeFile(join(place.remote, 'file'), '');
    await mkdir(join(place.remote, 'full/of'), { recursive: true });
    const { exit, err, out } = await place.run([
      '-rm /proc/version',
      '-rm missing',
      '-get missing',
      '-mkdir file/folder',
      '-rename -l full file',
      '-rmdir full',
      '-chmod 600 missing',
      'pwd',
    ]);
    expect(exit).toBe(0);
    expect(out).toContain(`Remote working directory: ${place.remote}`);
    expect(reasons(err)).toEqual([
      'Permission denied',
      'No such file or directory',
      expect.stringContaining('not found'),
      'No such file or directory',
      'Failure',
      'Failure',
      'No such file or directory',
    ]);
    expect((await place.run(['rm missing'])).exit).toBe(1);
  });

  test.skipIf(uid !== 0)("only what the server's user may read goes out", async () => {
    await using place = await createSftpPlace();
    await writeFile(join(place.remote, 'secret'), 'secret', { mode: 0o600 });
    const { exit, err } = await place.run(['get secret'], 'setpriv --reuid=65534 --clear-groups');
    expect([exit, err]).toEqual([1, expect.stringContaining('Permission denied')]);
  });
});
