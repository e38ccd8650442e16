import { audit } from '#controller/events';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { callerOf } from './authenticate.ts';
import { Caller, NewToken, SignedToken } from './schema.ts';
import { createTokens } from './token.ts';

export function authRoutes({ keys, journal }: Pick<ApiDeps, 'keys' | 'journal'>): Route[] {
  const tokens = createTokens(keys);
  return [
    jsonRoute({
      method: 'get',
      path: '/whoami',
      summary: 'Says whom the token stands for.',
      role: 'read',
      answer: Caller,
      handle: (_call, response) => callerOf(response),
    }),

    jsonRoute({
      method: 'post',
      path: '/tokens',
      summary: 'Signs a token for somebody. It is kept nowhere, and can not be taken back.',
      role: 'admin',
      body: NewToken,
      answer: SignedToken,
      status: 201,
      async handle({ body: { subject, role, for: lifetimeMs } }, response) {
        const actor = callerOf(response).subject;
        // Whole seconds, never longer than wished.
        const seconds = lifetimeMs === undefined ? undefined : Math.max(1, Math.floor(lifetimeMs / 1000));
        const token = tokens.sign({ subject, role }, seconds);
        const expiresAt = await journal.commit(async (tx) => {
          const until = seconds === undefined ? null : tx.at + seconds * 1000;
          await audit(tx, { actor, action: 'token.signed', subject, data: { role, expiresAt: until } });
          return until;
        });
        response.setHeader('Cache-Control', 'no-store');
        return { token, subject, role, expiresAt };
      },
    }),
  ];
}
