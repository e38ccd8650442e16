import { createHash } from 'node:crypto';
import { FootmanError } from '#shared/errors';

/** A public key of OpenSSH's, without options: whoever has its other half may be let in. */
export interface PublicKey {
  /** `ssh-ed25519 AAAA…`. */
  key: string;
  /** `SHA256:…`, as `ssh-keygen -l` tells it. */
  fingerprint: string;
  /** Printable ASCII; empty where there is none. */
  comment: string;
}

/**
 * Reads one line of a `.pub` file.
 *
 * @throws FootmanError `request-invalid` for anything else: options, more lines, weak or unknown keys, a type that the key itself is not of
 */
export function parsePublicKey(text: string): PublicKey {
  const line = text.replace(/\r?\n$/, '');
  const [, type, base64, comment = ''] = /^(\S+) +([A-Za-z0-9+/]+={0,2})(?: +(.*))?$/.exec(line) ?? [];
  if (type === undefined || base64 === undefined)
    throw new FootmanError('request-invalid', 'that is no public key of OpenSSH');
  const blob = Buffer.from(base64, 'base64');
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
  return { key: `${type} ${blob.toString('base64')}`, fingerprint, comment };
}
