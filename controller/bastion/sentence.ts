import type { Logger } from '#controller/logger';
import { adviceOf, toFootmanError } from '#shared/errors';

/** Why something can't be, for whoever asked; what nobody foresaw stays in the log. */
export function sentenceFor(error: unknown, logger: Logger): string {
  if (toFootmanError(error).code !== 'internal') return adviceOf(error);
  logger.error({ err: error }, 'a session on a held node failed');
  return 'something went wrong in the controller; its log says what';
}
