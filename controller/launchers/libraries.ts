import { access, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FootmanError } from '#shared/errors';
import { readDynamic } from './elf.ts';

/** The C loader and the libraries that a program needs, as paths on this machine. */
export interface Libraries {
  loader: string;
  libraries: string[];
}

/** Debian's package of a library that a minimal system lacks. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['libatomic.so.1', 'libatomic1'],
  ['libstdc++.so.6', 'libstdc++6'],
  ['libgcc_s.so.1', 'libgcc-s1'],
]);

/** What the C library opens by itself when it looks up a host name; part of libc.so.6 from glibc 2.34 on. */
const NAME_SERVICE = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/**
 * Finds what this process's own program was loaded with, without asking a shell or the loader's cache: the folders that the loader found
 * libraries in are those of the files that are mapped now. Throws `host-unfit` where the program can't be carried to another machine.
 */
export async function findLibraries(program: string): Promise<Libraries> {
  const dynamic = await readDynamic(program);
  const loader = dynamic?.interpreter;
  if (loader === null || loader === undefined || !basename(loader).startsWith('ld-linux')) {
    throw new FootmanError('host-unfit', `${program} is not a program for Linux with the GNU C library`, {
      hint: 'run the controller by the Node.js that npm ci brings, on a system with glibc such as Debian',
    });
  }
  const folders = await mappedFolders();
  const found = new Map<string, string>();
  await collect(program, folders, found);
  for (const name of NAME_SERVICE) {
    const path = await locate(name, folders);
    if (path !== undefined) found.set(name, path);
  }
  found.delete(basename(loader));
  return { loader, libraries: [...found.values()].sort() };
}

async function collect(file: string, folders: string[], found: Map<string, string>): Promise<void> {
  const names = (await readDynamic(file))?.needed ?? [];
  for (const name of names) {
    if (found.has(name)) continue;
    const path = await locate(name, folders);
    if (path === undefined) throw missing(name, file);
    found.set(name, path);
    await collect(path, folders, found);
  }
}

function missing(name: string, file: string): FootmanError {
  const system = PACKAGES.get(name);
  const hint = system === undefined ? {} : { hint: `on Debian: apt-get install ${system}` };
  return new FootmanError('host-unfit', `${name}, which ${file} needs, is not on this machine`, hint);
}

async function mappedFolders(): Promise<string[]> {
  const maps = await readFile('/proc/self/maps', 'utf8');
  const paths = maps.matchAll(/ (\/\S+\.so[.\d]*)$/gm);
  return [...new Set(Array.from(paths, ([, path = '/']) => dirname(path)))];
}

async function locate(name: string, folders: string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists) return path;
  }
  return undefined;
}
