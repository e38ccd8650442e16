import type * as FileSystem from 'node:fs';

/**
 * Removes what is the node's own from the files under `root`: temporary files, histories, host keys, logs of the machine, seeds of random
 * numbers; the machine id is emptied. What is mounted is in no image, and stays.
 *
 * It runs in the container, where its text alone arrives: so it uses nothing but what it is given.
 */
export function cleanFiles(fs: typeof FileSystem, root: string, mounts: readonly string[]): void {
  for (const folder of ['/tmp', '/var/tmp', '/var/lib/cloud', '/var/log/journal'])
    empty(root + folder, false);
  // Its folders are those of packages: nothing boots in a container that would make them anew.
  empty(`${root}/run`, true);
  for (const home of homes()) removeIn(root + home, /^\..*history$|^\.lesshst$/);
  removeIn(`${root}/etc/ssh`, /^ssh_host_/);
  removeIn(`${root}/var/lib/systemd`, /^(random-seed|credential\.secret)$/);
  removeIn(`${root}/var/lib/urandom`, /^random-seed$/);
  removeIn(`${root}/var/lib/dbus`, /^machine-id$/);
  const machineId = `${root}/etc/machine-id`;
  const { size = 0 } = fs.lstatSync(machineId, { throwIfNoEntry: false }) ?? {};
  if (size > 0 && !isMounted(machineId)) fs.writeFileSync(machineId, '');

  function homes(): Set<string> {
    const passwd = `${root}/etc/passwd`;
    const lines = fs.existsSync(passwd) ? fs.readFileSync(passwd, 'utf8').split('\n') : [];
    return new Set(['/root', ...lines.flatMap((line) => line.split(':')[5] ?? [])]);
  }

  function empty(folder: string, keepFolders: boolean): void {
    for (const path of entriesOf(folder)) {
      const isFolder = fs.lstatSync(path).isDirectory();
      if (isFolder && (keepFolders || holdsMount(path))) empty(path, keepFolders);
      else fs.rmSync(path, { recursive: true, force: true });
    }
  }

  function removeIn(folder: string, names: RegExp): void {
    for (const path of entriesOf(folder)) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (names.test(name) && !holdsMount(path)) fs.rmSync(path, { recursive: true, force: true });
    }
  }

  /** What is in the folder and is not mounted; nothing where there is no such folder, or a link in its place. */
  function entriesOf(folder: string): string[] {
    if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    const real = fs.realpathSync(folder);
    if (isMounted(real)) return [];
    const paths = fs.readdirSync(real).map((name) => `${real}/${name}`);
    return paths.filter((path) => !isMounted(path));
  }

  function isMounted(path: string): boolean {
    return mounts.some((mount) => path === mount || path.startsWith(`${mount}/`));
  }

  function holdsMount(path: string): boolean {
    return mounts.some((mount) => mount.startsWith(`${path}/`));
  }
}
