import { createHash } from 'node:crypto';
import { FootmanError } from '#shared/errors';

/** The types of host keys that are good enough, each with the algorithms that sign by it: none with SHA-1. */
const ALGORITHMS = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
} as const;

export type HostKeyType = keyof typeof ALGORITHMS;
export type HostKeyAlgorithm = (typeof ALGORITHMS)[HostKeyType][number];

export interface HostKey {
  type: HostKeyType;
  /** Type and key, without a comment: `ssh-ed25519 AAAA…`. */
  text: string;
}

const HINT = 'write a line of /etc/ssh/ssh_host_*_key.pub, such as ssh-ed25519 AAAA…';

/**
 * A public key as `ssh-ed25519 AAAA…`, with or without a comment.
 *
 * @throws FootmanError `configuration-invalid` for all else
 */
export function parseHostKey(line: string): HostKey {
  const [type = '', key = ''] = line.trim().split(/\s+/);
  if (!isHostKeyType(type)) {
    const types = Object.keys(ALGORITHMS).join(', ');
    throw invalid(`a host key begins with its type, one of ${types}; this one begins with ${quote(type)}`);
  }
  const blob = Buffer.from(key, 'base64');
  if (blob.toString('base64').replace(/=+$/, '') !== key.replace(/=+$/, '') || typeOf(blob) !== type) {
    throw invalid(`what follows ${type} is not a key of that type`);
  }
  return { type, text: `${type} ${blob.toString('base64')}` };
}

/** The key that a machine has shown, as it goes over the wire. */
export function hostKeyOf(blob: Buffer): HostKey {
  return parseHostKey(`${typeOf(blob)} ${blob.toString('base64')}`);
}

/** As `ssh-keygen -l` shows it: `SHA256:` and the digest in base64. */
export function fingerprint(publicKey: string): string {
  const [, key = ''] = publicKey.trim().split(/\s+/);
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** By which a machine may prove that it has one of the keys; all that are good enough where none is known. */
export function algorithmsFor(keys: readonly HostKey[]): HostKeyAlgorithm[] {
  const types =
    keys.length === 0 ? Object.keys(ALGORITHMS).filter(isHostKeyType) : keys.map(({ type }) => type);
  return [...new Set(types)].flatMap((type): readonly HostKeyAlgorithm[] => ALGORITHMS[type]);
}

function isHostKeyType(type: string): type is HostKeyType {
  return Object.hasOwn(ALGORITHMS, type);
}

/** The blob begins with its type, with its length before it. */
function typeOf(blob: Buffer): string {
  if (blob.length < 4) return '';
  return blob.toString('latin1', 4, 4 + Math.min(blob.readUInt32BE(0), 64));
}

function invalid(sentence: string): FootmanError {
  return new FootmanError('configuration-invalid', sentence, { hint: HINT });
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
