import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Clock } from '#controller/clock';
import type { Keys } from '#controller/keys';
import { FootmanError } from '#shared/errors';

/** What a link opens: one file of an artifact, or all of it. */
export interface Linked {
  artifactId: string;
  /** Null for the whole artifact. */
  path: string | null;
}

/** Links that open something for whoever has them. Their key is not that of tokens: neither is good as the other. */
export interface LinkTokens {
  /** `expiresAt` in whole seconds. */
  sign(linked: Linked & { actor: string; expiresAt: number }): string;
  /** @throws FootmanError `gone` when its time is up, `unauthenticated` */
  verify(token: string): Linked;
}

const ISSUER = 'footman';
const AUDIENCE = 'footman-artifact';

export function createLinkTokens(keys: Keys, clock: Clock): LinkTokens {
  const key = createSecretKey(keys.derive('link'));
  return {
    sign({ artifactId, path, actor, expiresAt }) {
      const claims = { path, sub: actor, exp: Math.floor(expiresAt / 1000), iss: ISSUER, aud: AUDIENCE };
      return jwt.sign({ artifact: artifactId, ...claims }, key, { algorithm: 'HS256', noTimestamp: true });
    },
    verify(token) {
      const { artifact: artifactId, path } = verified(token) as { artifact: string; path: string | null };
      return { artifactId, path };
    },
  };

  function verified(token: string): unknown {
    const clockTimestamp = Math.floor(clock.now() / 1000);
    try {
      return jwt.verify(token, key, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTimestamp,
      });
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) throw new FootmanError('gone', 'this link has expired');
      throw new FootmanError('unauthenticated', 'this is no link of ours', {
        hint: 'was it copied in whole? Ask for another one',
      });
    }
  }
}
