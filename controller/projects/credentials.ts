import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address } from './address.ts';
import { OWNER_VARIABLE } from './orphans.ts';

/** What opens a project's repository; none of it where anybody may read it. */
export interface Keyring {
  /** For HTTP: a token, or `user:password`. */
  token?: string | undefined;
  /** For SSH: a private key in OpenSSH's format. */
  sshKey?: string | undefined;
  /** Lines of known_hosts; without them, the machine's own file counts. */
  knownHosts?: string | undefined;
}

/** An environment that lets git in, for as long as it is not disposed of. */
export interface Credentials extends AsyncDisposable {
  env: Record<string, string>;
}

/** Hosting services take any name beside a token; this is what GitHub calls its apps. */
export const TOKEN_USER = 'x-access-token';

/**
 * Answers git's questions from its environment, and only those of the repository's own server: a redirect elsewhere gets nothing.
 * It is the same for everybody, so there is nothing in it to hide.
 */
const ASKPASS = `#!/bin/sh
case "$1" in
*"'$FOOTMAN_GIT_SCHEME://$FOOTMAN_GIT_HOST'"* | *"'$FOOTMAN_GIT_SCHEME://"*"@$FOOTMAN_GIT_HOST'"*) ;;
*) exit 1 ;;
esac
case "$1" in
Username*) printf '%s\\n' "$FOOTMAN_GIT_USER" ;;
*) printf '%s\\n' "$FOOTMAN_GIT_PASSWORD" ;;
esac
`;

/**
 * Credentials reach git by its environment, and an SSH key by a file of the controller's own that lives as long as the call: neither
 * stands on a command line or in a repository's configuration.
 */
export async function openCredentials(
  address: Address,
  keyring: Keyring,
  folder: string,
): Promise<Credentials> {
  const env = { GIT_ALLOW_PROTOCOL: address.protocol, [OWNER_VARIABLE]: folder };
  if (address.protocol === 'ssh') return withKey(env, keyring, folder);
  const { origin } = address;
  const { token } = keyring;
  if (origin === undefined || token === undefined)
    return { env, [Symbol.asyncDispose]: async () => undefined };
  return withToken(env, origin, token, folder);
}

async function withToken(
  env: Record<string, string>,
  origin: { scheme: string; host: string },
  token: string,
  folder: string,
): Promise<Credentials> {
  const { path, dispose } = await makeFolder(folder);
  await writeFile(join(path, 'askpass'), ASKPASS, { mode: 0o700 });
  const colon = token.indexOf(':');
  return {
    env: {
      ...env,
      GIT_ASKPASS: join(path, 'askpass'),
      FOOTMAN_GIT_SCHEME: origin.scheme,
      FOOTMAN_GIT_HOST: origin.host,
      FOOTMAN_GIT_USER: colon === -1 ? TOKEN_USER : token.slice(0, colon),
      FOOTMAN_GIT_PASSWORD: token.slice(colon + 1),
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function withKey(
  env: Record<string, string>,
  { sshKey, knownHosts }: Keyring,
  folder: string,
): Promise<Credentials> {
  const { path, dispose } = await makeFolder(folder);
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes', 'ConnectTimeout=30'];
  if (sshKey !== undefined) {
    const file = join(path, 'key');
    await writeFile(file, sshKey.endsWith('\n') ? sshKey : `${sshKey}\n`, { mode: 0o600 });
    options.push(`IdentityFile=${asOption(file)}`);
  }
  if (knownHosts !== undefined) {
    const file = join(path, 'known_hosts');
    await writeFile(file, `${knownHosts}\n`, { mode: 0o600 });
    options.push(`UserKnownHostsFile=${asOption(file)}`, 'GlobalKnownHostsFile=/dev/null');
  }
  const words = ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option])];
  return {
    env: { ...env, GIT_SSH_VARIANT: 'ssh', GIT_SSH_COMMAND: words.map(quote).join(' ') },
    [Symbol.asyncDispose]: dispose,
  };
}

async function makeFolder(parent: string): Promise<{ path: string; dispose: () => Promise<void> }> {
  const path = await mkdtemp(join(parent, CREDENTIALS_PREFIX));
  return { path, dispose: () => rm(path, { recursive: true, force: true }) };
}

/** What such a folder's name begins with: one that outlived its controller is removed at the next start. */
export const CREDENTIALS_PREFIX = 'credentials-';

/** As ssh reads the path of a file: it takes blanks for an end, and per cent for the beginning of something else. */
function asOption(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

/** As one word of a POSIX shell, which is what git gives the command to. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
