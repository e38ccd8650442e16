import type { Request, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { FootmanError } from '#shared/errors';

const REFUSALS = 30;
const WINDOW_MS = 60_000;

/** Counts a refused delivery against its sender's address. Returns the refusal, or that it is one too many. */
export type CountRefusal = (
  request: Request,
  response: Response,
  refusal: FootmanError,
) => Promise<FootmanError>;

/** Only refusals are counted: what is signed well gets in, however much else came from the same address, a proxy's perhaps. */
export function createRefusalCounter(): CountRefusal {
  const limiter = rateLimit({
    windowMs: WINDOW_MS,
    limit: REFUSALS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: ({ ip }) => (ip === undefined ? 'local' : ipKeyGenerator(ip)),
    handler: (_request, _response, next) => {
      next(new FootmanError('too-many-requests', 'too many deliveries that nobody signed; wait a minute'));
    },
    validate: false,
  });

  return async function count(request, response, refusal) {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    void limiter(request, response, resolve);
    const late = await promise;
    return late instanceof FootmanError ? late : refusal;
  };
}
