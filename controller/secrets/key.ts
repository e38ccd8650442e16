import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** A key that seals secrets: 32 bytes, for AES-256-GCM. */
export interface Key {
  id: string;
  bytes: Buffer;
}

/** Where a sealed value belongs. It opens nowhere else: the place is authenticated with it. */
export interface Place {
  scope: string;
  name: string;
}

export const KEY_BYTES = 32;
/** 96 random bits, as NIST SP 800-38D, 8.2.2, has it: good for 2³² values under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function newKey(): Key {
  return { id: randomBytes(8).toString('hex'), bytes: randomBytes(KEY_BYTES) };
}

/** base64 of nonce, ciphertext and tag. */
export function seal({ bytes }: Key, place: Place, value: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', bytes, nonce);
  cipher.setAAD(nameOf(place));
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64');
}

/** Undefined if it was sealed with another key or for another place, or was changed since. */
export function unseal({ bytes }: Key, place: Place, sealed: string): string | undefined {
  const all = Buffer.from(sealed, 'base64');
  if (all.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const end = all.length - TAG_BYTES;
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-gcm', bytes, all.subarray(0, NONCE_BYTES), options);
  decipher.setAAD(nameOf(place));
  decipher.setAuthTag(all.subarray(end));
  try {
    const text = [decipher.update(all.subarray(NONCE_BYTES, end)), decipher.final()];
    return Buffer.concat(text).toString('utf8');
  } catch {
    return undefined; // The tag does not fit, and OpenSSL's sentence says no more than that.
  }
}

/** Neither has a line break, so no two places look alike. */
function nameOf({ scope, name }: Place): Buffer {
  return Buffer.from(`${scope}\n${name}`);
}
