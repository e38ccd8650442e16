import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import * as z from 'zod';
import { FootmanError } from '#shared/errors';
import type { PresignOptions } from '../contract.ts';

/** Where the controller answers presigned requests; the object's key follows. */
export const BLOBS_PATH = '/agent/v1/blobs/';

/** What a token allows. Other tokens of the same secret have another audience. */
const Claims = z.union([
  z.object({ method: z.literal('GET'), key: z.string(), filename: z.string().optional() }),
  z.object({
    method: z.literal('PUT'),
    key: z.string(),
    bytes: z.int().nonnegative(),
    sha256: z.string().optional(),
  }),
  z.object({
    method: z.literal('PUT'),
    upload: z.object({ key: z.string(), id: z.string(), bytes: z.int(), partBytes: z.int() }),
    part: z.int(),
  }),
]);
export type Claims = z.infer<typeof Claims>;

const AUDIENCE = 'footman-blobs';
const ALGORITHM = 'HS256';

/** A path on the controller for that request. The token stands in the query, as in storages' own presigned URLs, so that a plain `fetch(url)` or a redirect will do. */
export function signPath(options: PresignOptions, key: KeyObject, now: number): string {
  const { expiresIn, ...claims } = options;
  // A fraction of a second is valid in `exp` (RFC 7519, NumericDate).
  const payload = { ...claims, aud: AUDIENCE, exp: (now + expiresIn) / 1000 };
  const token = jwt.sign(payload, key, { algorithm: ALGORITHM, noTimestamp: true });
  return `${BLOBS_PATH}${keyOf(options)}?token=${token}`;
}

/**
 * What a request may do, by its token; the signature is compared in constant time.
 *
 * @throws FootmanError `forbidden`, the same for a bad, an expired and another request's token.
 */
export function checkRequest(
  method: string | undefined,
  url: string | undefined,
  key: KeyObject,
  now: number,
): Claims {
  const target = URL.parse(url ?? '', 'http://controller');
  const claims = readToken(target?.searchParams.get('token') ?? '', key, now);
  if (claims === undefined || claims.method !== method || target?.pathname !== BLOBS_PATH + keyOf(claims)) {
    throw new FootmanError('forbidden', 'this request is not signed, or its signature has expired');
  }
  return claims;
}

function keyOf(claims: { key: string } | { upload: { key: string } }): string {
  return 'upload' in claims ? claims.upload.key : claims.key;
}

function readToken(token: string, key: KeyObject, now: number): Claims | undefined {
  try {
    const clockTimestamp = now / 1000;
    return Claims.parse(
      jwt.verify(token, key, { algorithms: [ALGORITHM], audience: AUDIENCE, clockTimestamp }),
    );
  } catch {
    return undefined;
  }
}
