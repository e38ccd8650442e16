import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { makeKeyFile, sshdBasics, startSshd } from './sshd.ts';

export { sshdMissing } from './sshd.ts';

/** OpenSSH's server on loopback, with keys of its own. */
export interface SshServer {
  /** `user@127.0.0.1`, and the port that it listens on. */
  login: string;
  port: number;
  /** A private key that may log in, and one that may not. */
  key: string;
  strangersKey: string;
  /** The server's line of known_hosts, and one with another key. */
  knownHosts: string;
  otherKnownHosts: string;
  /** Every command line of the machine at the time of each session, as text. */
  commandLines(): Promise<string>;
  stop(): Promise<void>;
}

export async function startSshServer(folder: string): Promise<SshServer> {
  const [host, otherHost, user] = await Promise.all(
    ['host', 'other-host', 'user', 'stranger'].map((name) => makeKeyFile(join(folder, name))),
  );
  const seen = join(folder, 'command-lines');
  const session = join(folder, 'session');
  await writeFile(
    session,
    `cat /proc/[0-9]*/cmdline >>${seen} 2>/dev/null; exec sh -c "$SSH_ORIGINAL_COMMAND"\n`,
  );
  await writeFile(join(folder, 'authorized'), `restrict,command="sh ${session}" ${user}\n`);
  // sshd can't tell which port it got, so it is given one that was free a moment ago.
  const port = await freePort();
  await writeFile(join(folder, 'config'), configuration(folder, port));
  const server = await startSshd(join(folder, 'config'));
  const address = `[127.0.0.1]:${port}`;
  return {
    login: `${userInfo().username}@127.0.0.1`,
    port,
    key: await readFile(join(folder, 'user'), 'utf8'),
    strangersKey: await readFile(join(folder, 'stranger'), 'utf8'),
    knownHosts: `${address} ${host}\n`,
    otherKnownHosts: `${address} ${otherHost}\n`,
    commandLines: () => readFile(seen, 'utf8'),
    stop: server.stop,
  };
}

function configuration(folder: string, port: number): string {
  const lines = [
    ...sshdBasics(port, join(folder, 'host')),
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
  ];
  return `${lines.join('\n')}\n`;
}
