import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Caller as Doer } from '#controller/holds';
import { FootmanError } from '#shared/errors';
import { reaches, refusal, type Caller, type Role, type Tokens } from './token.ts';

/** Refused calls of one address that get a plain refusal; further ones within the window are told to wait. */
const FAILURES = 30;
const WINDOW_MS = 60_000;

/**
 * Middleware that lets callers pass who have at least a role. Only failures are counted: a good token passes at once, however many bad
 * ones came from the same address.
 */
export function createAuthenticator(tokens: Tokens): (role: Role) => RequestHandler {
  const limiter = rateLimit({
    windowMs: WINDOW_MS,
    limit: FAILURES,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // A Unix socket has no address: all its callers share one count.
    keyGenerator: ({ ip }) => (ip === undefined ? 'local' : ipKeyGenerator(ip)),
    handler: (_request, _response, next) => {
      next(new FootmanError('too-many-requests', 'too many calls without a valid token; wait a minute'));
    },
    validate: false,
  });

  return (role) => (request, response, next) => {
    try {
      const caller = identify(request);
      if (!reaches(caller.role, role)) throw notAllowed(caller, role);
      response.locals['caller'] = caller;
    } catch (error) {
      if (!(error instanceof FootmanError) || error.code !== 'unauthenticated') throw error;
      response.setHeader('WWW-Authenticate', 'Bearer realm="footman"');
      void limiter(request, response, (late?: unknown) => next(late ?? error));
      return;
    }
    next();
  };

  function identify(request: Request): Caller {
    const header = request.headers.authorization;
    if (header === undefined) throw refusal('this call needs a token');
    const token = /^Bearer +([\w.~+/=-]+) *$/i.exec(header)?.[1];
    if (token === undefined) throw refusal('the Authorization header is not "Bearer <token>"');
    return tokens.verify(token);
  }
}

/** Who makes the request; only behind the authenticator. */
export function callerOf(response: Response): Caller {
  return response.locals['caller'] as Caller;
}

/** The same, for what asks whose a thing is. */
export function doerOf(response: Response): Doer {
  const { subject, role } = callerOf(response);
  return { actor: subject, isAdmin: role === 'admin' };
}

function notAllowed({ subject, role }: Caller, needed: Role): FootmanError {
  return new FootmanError('forbidden', `${subject} may ${role} only; this call needs the role ${needed}`);
}
