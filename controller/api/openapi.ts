import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { ErrorAnswer } from './http/error-answer.ts';
import type { Route } from './http/route.ts';

/** The OpenAPI 3.1 document of these routes. The generator is loaded here, since most controllers are never asked for it. */
export async function describeApi(routes: readonly Route[]): Promise<object> {
  const { OpenAPIRegistry, OpenApiGeneratorV31 } = await import('@asteasolutions/zod-to-openapi');
  const registry = new OpenAPIRegistry();
  const scheme = registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });
  for (const route of routes) {
    registry.registerPath({
      method: route.method,
      path: route.path.replaceAll('*}', '}'),
      summary: route.summary,
      description: route.role === 'anyone' ? 'Needs no token.' : `Needs the role \`${route.role}\`.`,
      security: route.role === 'anyone' ? [] : [{ [scheme.name]: [] }],
      request: requestOf(route),
      responses: { [route.answer.status]: answerOf(route), default: ERROR },
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Footman',
      version: 'v1',
      description: 'Builds, their logs and artifacts, and the nodes that they run on.',
    },
    servers: [{ url: '/api/v1' }],
  });
}

const ERROR = {
  description: 'What went wrong, and who can mend it.',
  content: { 'application/json': { schema: ErrorAnswer } },
};

function requestOf({ params, query, body }: Route): NonNullable<RouteConfig['request']> {
  return {
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body: bodyOf(body) }),
  };
}

function bodyOf(body: NonNullable<Route['body']>) {
  if ('schema' in body) return { required: true, content: { 'application/json': { schema: body.schema } } };
  return { required: true, description: body.description, content: { [body.mediaType]: { schema: BINARY } } };
}

function answerOf({ answer }: Route) {
  if ('schema' in answer)
    return { description: 'The answer.', content: { 'application/json': { schema: answer.schema } } };
  return { description: answer.description, content: { [answer.mediaType]: { schema: BINARY } } };
}

const BINARY = { type: 'string', contentMediaType: 'application/octet-stream' } as const;
