import { timingSafeEqual } from 'node:crypto';
import type { PublicKeyAuthContext } from 'ssh2';
import type { Access, Door } from '#controller/access';

const HOLD_ID = /^[a-z0-9-]{1,64}$/;
const RSA = 'ssh-rsa';
const RSA_HASHES: ReadonlySet<string | undefined> = new Set(['sha256', 'sha512']);

/** Who has proved that they have a key of the hold. */
export interface Entered {
  holdId: string;
  door: Door;
}

/** What somebody who asks to come in may: nothing; prove that they have the key; come in. */
type Answer = 'refused' | 'asked' | Entered;

/** Whether the key opens the hold that is named. An unknown hold and a wrong key look alike. */
export async function authenticate(
  access: Pick<Access, 'doors'>,
  { username, key, signature, blob, hashAlgo }: PublicKeyAuthContext,
): Promise<Answer> {
  const holdId = username.toLowerCase();
  const doors = HOLD_ID.test(holdId) ? await access.doors(holdId) : [];
  const door = doors.find((one) => isSame(keyBlob(one), key.data));
  if (door === undefined || !isGoodAlgorithm(door, key.algo, hashAlgo)) return 'refused';
  if (signature === undefined || blob === undefined) return 'asked';
  const { default: ssh2 } = await import('ssh2');
  const known = ssh2.utils.parseKey(door.key);
  if (known instanceof Error || Array.isArray(known)) return 'refused';
  // It gives an error in the place of an answer.
  const verdict: unknown = known.verify(blob, signature, hashAlgo);
  if (verdict !== true) return 'refused';
  return { holdId, door };
}

/** RSA signs with SHA-2 or not at all; the others have an algorithm of their own. */
function isGoodAlgorithm({ key }: Door, algorithm: string, hash: string | undefined): boolean {
  const [type] = key.split(' ');
  return algorithm === type && (type !== RSA || RSA_HASHES.has(hash));
}

function keyBlob({ key }: Door): Buffer {
  return Buffer.from(key.split(' ')[1] ?? '', 'base64');
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
