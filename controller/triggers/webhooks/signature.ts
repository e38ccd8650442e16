import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Provider } from '#controller/store';
import { header, type Headers } from './headers.ts';

interface Signed {
  provider: Provider;
  headers: Headers;
  /** As it came, byte for byte. */
  body: Buffer;
  /** What both sides know. */
  secret: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** How far the clock of a sender that signs the time may be off; an older delivery is a replay. Standard Webhooks names five minutes. */
const TOLERANCE_MS = 5 * 60_000;

/**
 * Whether the delivery was signed with the secret, as its provider signs. Takes as long for a wrong signature as for a right one, wherever
 * they differ.
 *
 * - GitHub, and whoever does as GitHub: `X-Hub-Signature-256: sha256=HEX`, HMAC-SHA256 of the body.
 * - Gitea and Forgejo: the same as bare hexadecimal in a header of their own.
 * - GitLab: the secret itself in `X-Gitlab-Token`; or, where the hook has a signing token, Standard Webhooks'
 *   `webhook-signature: v1,BASE64`, HMAC-SHA256 of `ID.TIMESTAMP.BODY`. https://www.standardwebhooks.com
 */
export function isSigned(signed: Signed): boolean {
  const { provider, headers } = signed;
  if (provider !== 'gitlab') return hasBodySignature(signed);
  // A delivery that claims to be signed is judged by its signature alone.
  if (header(headers, 'webhook-signature') !== undefined) return hasStandardSignature(signed);
  return isSame(header(headers, 'x-gitlab-token') ?? '', signed.secret);
}

function hasBodySignature({ provider, headers, body, secret }: Signed): boolean {
  const given =
    provider === 'gitea'
      ? (header(headers, 'x-forgejo-signature') ??
        header(headers, 'x-gitea-signature') ??
        header(headers, 'x-hub-signature-256'))
      : header(headers, 'x-hub-signature-256');
  const expected = createHmac('sha256', secret).update(body).digest('hex');
  return isSame((given ?? '').replace(/^sha256=/, '').toLowerCase(), expected);
}

function hasStandardSignature({ headers, body, secret, now }: Signed): boolean {
  const id = header(headers, 'webhook-id') ?? '';
  const timestamp = header(headers, 'webhook-timestamp') ?? '';
  const given = (header(headers, 'webhook-signature') ?? '').split(' ');
  const key = keyOf(secret);
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const isTimely = /^\d{1,12}$/.test(timestamp) && Math.abs(now - Number(timestamp) * 1000) <= TOLERANCE_MS;
  // All of them are looked at: several signatures mean that the secret is being changed.
  return given.filter((one) => isSame(one, `v1,${expected}`)).length > 0 && isTimely && key.length > 0;
}

/** A signing token is the key in base64 behind `whsec_`. One that is none leaves nothing, with which everybody could sign. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret);
}

/** By digests, which have one length: the comparison tells nothing of either text. Nothing is never the same as nothing. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected)) && expected !== '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
