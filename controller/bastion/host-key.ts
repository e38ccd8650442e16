import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, replaceFile } from '#controller/files';
import { makeKeyPair } from '#controller/launchers/ssh';
import { FootmanError } from '#shared/errors';

export interface HostKey {
  /** In OpenSSH's format. */
  privateKey: string;
  /** `ssh-ed25519 AAAA…`. */
  publicKey: string;
}

/** What the bastion proves itself by: made once, and kept, so that nobody's client is alarmed. */
export async function loadHostKey(file: string): Promise<HostKey> {
  const { default: ssh2 } = await import('ssh2');
  const privateKey = (await read(file)) ?? (await create(file));
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error || Array.isArray(key) || !key.isPrivateKey())
    throw new FootmanError('configuration-invalid', `${file} is not the private key of an SSH server`, {
      hint: 'remove it, and a new one is made; all clients will ask whether they may trust it',
    });
  return { privateKey, publicKey: `${key.type} ${key.getPublicSSH().toString('base64')}` };
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function create(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const { privateKey } = await makeKeyPair('footman');
  await replaceFile(file, privateKey, 0o600);
  return privateKey;
}
