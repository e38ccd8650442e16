import type { RequestHandler } from 'express';
import { lastSeq } from '#controller/store';
import type { ApiDeps } from '../deps.ts';

/** The process answers; nothing else is looked at, so that a broken database does not get the controller killed. */
export const answerAlive: RequestHandler = (_request, response) => {
  response.type('text/plain').send('ok\n');
};

/** Whether the controller can do its work: 200, or 503 with a line for each reason. */
export function answerReady({ store, unready, logger }: ApiDeps): RequestHandler {
  return async (_request, response) => {
    const reasons = [...(unready?.() ?? [])];
    try {
      await lastSeq(store.db);
    } catch (error) {
      logger.warn({ err: error }, 'the store did not answer a readiness check');
      reasons.push('the store does not answer');
    }
    response.status(reasons.length === 0 ? 200 : 503).type('text/plain');
    response.send(reasons.length === 0 ? 'ok\n' : `${reasons.join('\n')}\n`);
  };
}
