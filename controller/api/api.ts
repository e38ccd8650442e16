import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { FootmanError } from '#shared/errors';
import { createAuthenticator } from './auth/authenticate.ts';
import { createTokens } from './auth/token.ts';
import type { ApiDeps } from './deps.ts';
import { answerAlive, answerReady } from './health/health.ts';
import { answerErrors } from './http/error-answer.ts';
import type { Route } from './http/route.ts';
import { answerMetrics, registerMetrics } from './metrics/metrics.ts';
import { describeApi } from './openapi.ts';
import { apiRoutes } from './routes.ts';

export const API_PATH = '/api/v1';

/** Bytes of a JSON body; a pipeline is the largest thing in one. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** All HTTP of the controller but agents' connections and presigned objects: a handler for `node:http`. */
export function createApi(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  // Answers change all the time; hashing each one to find that out costs more than sending it.
  app.disable('etag');
  app.use(helmet());

  app.use(refuseNul);

  const allow = createAuthenticator(createTokens(deps.keys));
  app.get('/healthz', answerAlive);
  app.get('/readyz', answerReady(deps));
  registerMetrics(deps);
  app.get('/metrics', allow('read'), answerMetrics(deps.metrics));

  const routes = apiRoutes(deps);
  const json = express.json({ limit: MAX_BODY_BYTES, type: () => true });
  for (const route of routes) {
    const body = route.body !== undefined && 'schema' in route.body ? [json] : [];
    const guard = route.role === 'anyone' ? [] : [allow(route.role)];
    app[route.method](expressPath(route), ...guard, ...body, serve(route));
  }
  app.get(`${API_PATH}/openapi.json`, allow('read'), answerDescription(routes));
  app.use((request) => {
    throw new FootmanError('not-found', `there is no ${request.method} ${request.path}`, {
      hint: `GET ${API_PATH}/openapi.json describes all calls`,
    });
  });
  app.use(answerErrors(deps.logger));
  return app;
}

/** Nothing has a name with a NUL in it, and PostgreSQL takes no text that has one. */
const refuseNul: RequestHandler = ({ originalUrl }, _response, next) => {
  if (originalUrl.includes('%00')) throw new FootmanError('request-invalid', 'the address has a NUL in it');
  next();
};

function serve(route: Route): RequestHandler {
  return (request, response) => route.serve(request, response);
}

/** `/a/{b}/{c*}` as express 5 writes it: `/a/:b/*c`. */
function expressPath({ path }: Route): string {
  return API_PATH + path.replaceAll(/\{(\w+)\*\}/g, '*$1').replaceAll(/\{(\w+)\}/g, ':$1');
}

function answerDescription(routes: readonly Route[]): RequestHandler {
  let description: Promise<object> | undefined;
  return async (_request, response) => {
    description ??= describeApi(routes);
    response.json(await description);
  };
}
