import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, Request } from 'express';
import { z } from 'zod';
import type { Logger } from '#controller/logger';
import { CATALOGUE, FootmanError, type ErrorCode } from '#shared/errors';
import { Problem, ProblemsError } from './problem.ts';

const CODES = Object.keys(CATALOGUE) as [ErrorCode, ...ErrorCode[]];

/** The answer of every call that fails. */
export const ErrorAnswer = z
  .object({
    error: z.object({
      code: z.enum(CODES),
      message: z.string(),
      hint: z.string().optional(),
      actor: z.enum(['user', 'author', 'administrator', 'maintainer', 'nobody']),
      problems: z.array(Problem).optional(),
    }),
  })
  .meta({ id: 'Error' });
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;

/** An address that opens something for whoever has it: no log is to have it. */
const LINK = /(\/shared\/)[^/]+/;

/** Answers with the error; what nobody foresaw is logged under an id, and the caller gets that id alone. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    // The client left, or half the answer is on its way: there is nobody to tell, so cut the connection.
    if (response.headersSent || response.destroyed) {
      if (!response.destroyed && !isDisconnect(thrown)) logUnforeseen(logger, request, thrown);
      response.destroy();
      return;
    }
    const error = foreseen(thrown) ?? logUnforeseen(logger, request, thrown);
    response.status(error.status).json(errorAnswer(error));
  };
}

export function errorAnswer(error: FootmanError): ErrorAnswer {
  const { code, message, hint, actor } = error;
  const problems = error instanceof ProblemsError ? { problems: [...error.problems] } : {};
  return { error: { code, message, ...(hint === undefined ? {} : { hint }), actor, ...problems } };
}

function foreseen(thrown: unknown): FootmanError | undefined {
  if (thrown instanceof FootmanError) return thrown.code === 'internal' ? undefined : thrown;
  return bodyError(thrown);
}

/** What express and its body parser throw, by the `status` and `type` that they document. */
function bodyError(thrown: unknown): FootmanError | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown) || typeof thrown.status !== 'number')
    return undefined;
  if (thrown.status < 400 || thrown.status > 499) return undefined;
  if (thrown.status === 413)
    return new FootmanError('too-large', 'the request is larger than this call takes');
  const broken = 'type' in thrown && thrown.type === 'entity.parse.failed';
  // V8's own sentence quotes what stands around the mistake, which may be a secret.
  return new FootmanError('request-invalid', broken ? 'the body is not JSON' : thrown.message);
}

function logUnforeseen(logger: Logger, request: Request, thrown: unknown): FootmanError {
  const requestId = randomUUID();
  const path = request.path.replace(LINK, '$1***');
  logger.error({ err: thrown, requestId, method: request.method, path }, 'an API call failed');
  return new FootmanError('internal', `something went wrong; the controller's log has it as ${requestId}`);
}

function isDisconnect(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return (
    code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE' || code === 'ABORT_ERR'
  );
}
