import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Keys } from '#controller/keys';
import { FootmanError } from '#shared/errors';

/**
 * What a caller may do, each all that the one before may: `read` sees everything that is no secret, `develop` has builds, held nodes and keys of
 * their own, `admin` does everything.
 */
export const ROLES = ['read', 'develop', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who calls, as their token says. */
export interface Caller {
  subject: string;
  role: Role;
}

export interface Tokens {
  /** A token for the API; it never expires unless `lifetimeSeconds` says so. */
  sign(caller: Caller, lifetimeSeconds?: number): string;
  /** @throws FootmanError `unauthenticated` */
  verify(token: string): Caller;
}

const ISSUER = 'footman';
const AUDIENCE = 'footman-api';

export function createTokens(keys: Keys): Tokens {
  // As a key object: jsonwebtoken would try to read bytes as a public key first, at each call.
  const key = createSecretKey(keys.derive('api'));
  return {
    sign({ subject, role }, lifetimeSeconds) {
      const claims = { issuer: ISSUER, audience: AUDIENCE, subject };
      const expiry = lifetimeSeconds === undefined ? {} : { expiresIn: lifetimeSeconds };
      return jwt.sign({ role }, key, { algorithm: 'HS256', ...claims, ...expiry });
    },
    verify: (token) => callerOf(verified(token, key)),
  };
}

function verified(token: string, key: KeyObject): string | jwt.JwtPayload {
  try {
    return jwt.verify(token, key, { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE });
  } catch (error) {
    const expired = error instanceof jwt.TokenExpiredError;
    throw refusal(expired ? 'the token has expired' : 'the token is not valid here');
  }
}

function callerOf(claims: string | jwt.JwtPayload): Caller {
  if (typeof claims === 'string' || claims.sub === undefined) throw refusal('the token names nobody');
  const role = ROLES.find((known) => known === claims.role);
  if (role === undefined) throw refusal('the token has no role that is known here');
  return { subject: claims.sub, role };
}

/** Whether somebody of the one role may do what needs the other. */
export function reaches(has: Role, needs: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needs);
}

/** The refusal of a caller whom nobody vouches for. */
export function refusal(message: string): FootmanError {
  return new FootmanError('unauthenticated', message, {
    hint: 'send the header "Authorization: Bearer <token>"; the administrator\'s token is in admin.token in the data folder',
  });
}
