import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cleanFiles } from './clean-files.ts';

let root: string;

beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'clean-files-')));
});

afterEach(() => fs.rmSync(root, { recursive: true }));

function write(...paths: string[]): void {
  for (const path of paths) {
    fs.mkdirSync(dirname(join(root, path)), { recursive: true });
    fs.writeFileSync(join(root, path), path === 'etc/passwd' ? 'ci:x:1:1::/srv/ci:/bin/sh\n' : 'text');
  }
}

/** All that is there, folders without their content included. */
function left(): string[] {
  const entries = fs.readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((each) => !each.isDirectory() || fs.readdirSync(join(each.parentPath, each.name)).length === 0)
    .map((each) => join(each.parentPath, each.name).slice(root.length + 1))
    .toSorted();
}

test('temporary files, histories, host keys and seeds go; the rest stays', () => {
  const stays = [
    'root/.bashrc',
    'root/history',
    'srv/ci/.profile',
    'etc/passwd',
    'etc/ssh/ssh_config',
    'var/log/x',
  ];
  write(...stays, 'tmp/a', 'tmp/.b/c', 'var/tmp/d', 'var/lib/cloud/e', 'var/log/journal/f', 'run/sshd/pid');
  write('root/.bash_history', 'root/.lesshst', 'srv/ci/.python_history', 'etc/ssh/ssh_host_rsa_key');
  write('var/lib/systemd/random-seed', 'var/lib/dbus/machine-id');
  cleanFiles(fs, root, []);
  const empty = [
    'tmp',
    'var/tmp',
    'var/lib/cloud',
    'var/log/journal',
    'run/sshd',
    'var/lib/systemd',
    'var/lib/dbus',
  ];
  expect(left()).toEqual([...stays, ...empty].toSorted());
});

test('the machine id is emptied, for the next machine to make its own', () => {
  write('etc/machine-id');
  cleanFiles(fs, root, []);
  expect(fs.readFileSync(join(root, 'etc/machine-id'), 'utf8')).toBe('');
});

test('what is mounted stays, and so do the folders that it is in', () => {
  write('tmp/in/mount/theirs', 'tmp/in/mine', 'tmp/in/deep/mine', 'root/.ash_history', 'run/footman/socket');
  cleanFiles(
    fs,
    root,
    ['tmp/in/mount', 'root', 'run/footman'].map((path) => join(root, path)),
  );
  expect(left()).toEqual(['root/.ash_history', 'run/footman/socket', 'tmp/in/mount/theirs']);
});

test('a link is removed, and not what it names; a folder that is one is left alone', () => {
  write('srv/theirs', 'srv/tmp/theirs');
  fs.mkdirSync(join(root, 'tmp'));
  fs.mkdirSync(join(root, 'var'));
  fs.symlinkSync(join(root, 'srv'), join(root, 'tmp/link'));
  fs.symlinkSync(join(root, 'srv/tmp'), join(root, 'var/tmp'));
  cleanFiles(fs, root, []);
  expect(fs.readdirSync(join(root, 'tmp'))).toEqual([]);
  expect(fs.readdirSync(join(root, 'srv'))).toEqual(['theirs', 'tmp']);
  expect(fs.readdirSync(join(root, 'var/tmp'))).toEqual(['theirs']);
});

test('files with nothing of this are fine', () => {
  cleanFiles(fs, root, []);
  expect(left()).toEqual([]);
});

test('its text alone does the same', async () => {
  write('tmp/a', 'etc/kept');
  const script = `(${String(cleanFiles)})(process.getBuiltinModule('node:fs'), ${JSON.stringify(root)}, [])`;
  await promisify(execFile)(process.execPath, ['--eval', script]);
  expect(left()).toEqual(['etc/kept', 'tmp']);
});
