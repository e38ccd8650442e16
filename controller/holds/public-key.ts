import { createHash } from 'node:crypto';
import { FootmanError } from '#shared/errors';
import { troubleWith } from './key-blob.ts';

/** A public key of OpenSSH's, without options: whoever has its other half may be let in. */
export interface PublicKey {
  /** `ssh-ed25519 AAAA…`. */
  key: string;
  /** `SHA256:…`, as `ssh-keygen -l` tells it. */
  fingerprint: string;
  /** Printable ASCII; empty where there is none. */
  comment: string;
}

/** The longest of what is taken, RSA with 16384 bits, is a quarter of this. */
const MAX_LENGTH = 16 * 1024;
const MAX_COMMENT = 100;

const TYPES: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]);

const HINT = 'give the one line of a file such as ~/.ssh/id_ed25519.pub; ssh-keygen -t ed25519 makes one';

/**
 * Reads one line of a `.pub` file.
 *
 * @throws FootmanError `request-invalid` for anything else: options, more lines, weak or unknown keys, a type that the key itself is not of
 */
export function parsePublicKey(text: string): PublicKey {
  const line = oneLine(text);
  const [, type = '', base64 = '', rest = ''] = /^(\S+) +([^ ]+)(?: +(.*))?$/.exec(line) ?? [];
  if (!TYPES.has(type)) throw refuse(whyNoType(type, line));
  const blob = Buffer.from(base64, 'base64');
  // What decodes leniently would be another text to sshd.
  if (blob.toString('base64') !== base64) throw refuse('the key is damaged: it is no proper base64');
  const trouble = troubleWith(type, blob);
  if (trouble !== null) throw refuse(trouble);
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
  return { key: `${type} ${blob.toString('base64')}`, fingerprint, comment: cleaned(rest) };
}

/** Whatever ends a line, or a text, somewhere else than here must not stand in it. */
function oneLine(text: string): string {
  if (text.length > MAX_LENGTH) throw refuse('that is too long for a public key');
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw refuse("that is a private key, which is nobody else's business: give its public half");
  if (text.includes('BEGIN SSH2 PUBLIC KEY') || text.includes('BEGIN PUBLIC KEY'))
    throw refuse('that is a public key in another format', "ssh-keygen -i -f FILE turns it into OpenSSH's");
  const line = text.replace(/(\r?\n)+$/, '').replaceAll(/^ +| +$/g, '');
  if (line === '') throw refuse('there is no key');
  if (/[\r\n\u2028\u2029\u0085\v\f]/.test(line))
    throw refuse('that is more than one line: give keys one by one');
  if (/\p{Cc}/u.test(line)) throw refuse("there are control characters in the key's line");
  return line;
}

function whyNoType(type: string, line: string): string {
  if (type.includes('-cert-v0')) return 'certificates are not taken: give the plain public key';
  if (type.startsWith('sk-')) return 'keys that live in hardware tokens (sk-…) are not taken';
  if (type === 'ssh-dss') return 'DSA keys are too weak';
  if (line.split(/[ ,]/).some((word) => TYPES.has(word)))
    return 'a key is taken without options: its line begins with its type';
  return `that is no public key of OpenSSH of one of the types ${[...TYPES].join(', ')}`;
}

function cleaned(comment: string): string {
  return comment
    .replaceAll(/[^ -~]/g, '')
    .slice(0, MAX_COMMENT)
    .trim();
}

function refuse(sentence: string, hint = HINT): FootmanError {
  return new FootmanError('request-invalid', sentence, { hint });
}
