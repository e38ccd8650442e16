import jwt from 'jsonwebtoken';
import * as z from 'zod';
import { FootmanError } from '#shared/errors';
import type { PresignedRequest } from '#shared/protocol';
import type { PresignOptions } from '../contract.ts';

/** Where the controller's own store answers presigned requests; the object's key follows. */
export const BLOBS_PATH = '/agent/v1/blobs/';

/** What a token allows. Other tokens of the same secret have another audience. */
const Claims = z.object({
  method: z.enum(['GET', 'PUT']),
  key: z.string(),
  bytes: z.int().nonnegative().optional(),
  sha256: z.string().optional(),
});
export type Claims = z.infer<typeof Claims>;

const AUDIENCE = 'footman-blobs';
const ALGORITHM = 'HS256';

/** The token stands in the query, as in other stores' presigned URLs, so that a plain `fetch(url)` or a redirect will do. */
export function signRequest(options: PresignOptions, secret: string | Buffer, now: number): PresignedRequest {
  const { expiresIn, ...claims } = options;
  // A fraction of a second is valid in `exp` (RFC 7519, NumericDate).
  const payload = { ...claims, aud: AUDIENCE, exp: (now + expiresIn) / 1000 };
  const token = jwt.sign(payload, secret, { algorithm: ALGORITHM, noTimestamp: true });
  return { method: options.method, url: `${BLOBS_PATH}${options.key}?token=${token}`, headers: {} };
}

/**
 * What a request may do, by its token; the signature is compared in constant time.
 *
 * @throws FootmanError `forbidden`, the same for a bad, an expired and another request's token.
 */
export function checkRequest(
  method: string | undefined,
  url: string | undefined,
  secret: string | Buffer,
  now: number,
): Claims {
  const target = URL.parse(url ?? '', 'http://controller');
  const claims = readToken(target?.searchParams.get('token') ?? '', secret, now);
  if (claims === undefined || claims.method !== method || target?.pathname !== BLOBS_PATH + claims.key) {
    throw new FootmanError('forbidden', 'this request is not signed, or its signature has expired');
  }
  return claims;
}

function readToken(token: string, secret: string | Buffer, now: number): Claims | undefined {
  try {
    const clockTimestamp = now / 1000;
    return Claims.parse(
      jwt.verify(token, secret, { algorithms: [ALGORITHM], audience: AUDIENCE, clockTimestamp }),
    );
  } catch {
    return undefined;
  }
}
