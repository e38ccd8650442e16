import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Role } from '../auth/token.ts';
import { parse } from './parse.ts';

/** One call of the API, with all that its documentation needs. */
export interface Route {
  method: 'get' | 'post' | 'put' | 'delete';
  /** As OpenAPI writes it: `/builds/{build}`; `{path*}` takes the rest, slashes included. */
  path: string;
  summary: string;
  /** Who may call; `anyone` where the call sees for itself who it is. */
  role: Role | 'anyone';
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: Body;
  answer: Answer;
  serve(request: Request, response: Response): Promise<void>;
}

/** JSON has a schema; anything else is a stream that the route reads itself. */
export type Body = { schema: z.ZodType } | { mediaType: string; description: string };

export type Answer =
  { status: 200 | 201 | 202; schema: z.ZodType } | { status: 200; mediaType: string; description: string };

/** What a call brings, parsed. */
export interface Call<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
}

interface Common<P extends z.ZodObject, Q extends z.ZodObject> {
  method: Route['method'];
  path: string;
  summary: string;
  role: Route['role'];
  params?: P;
  query?: Q;
}

interface JsonRoute<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends z.ZodType,
> extends Common<P, Q> {
  body?: B;
  answer: A;
  status?: 200 | 201;
  handle: (call: Call<P, Q, B>, response: Response) => Promise<z.input<A>> | z.input<A>;
}

type Address<P extends z.ZodObject, Q extends z.ZodObject> = Pick<Call<P, Q, never>, 'params' | 'query'>;

interface StreamRoute<P extends z.ZodObject, Q extends z.ZodObject> extends Common<P, Q> {
  body?: { mediaType: string; description: string };
  answer: Answer;
  handle: (call: Address<P, Q>, request: Request, response: Response) => Promise<void>;
}

/** A call that takes JSON, or nothing, and answers with JSON. */
export function jsonRoute<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends z.ZodType,
>(route: JsonRoute<P, Q, B, A>): Route {
  const { body, answer, status = 200, handle, ...common } = route;
  return {
    ...common,
    ...(body === undefined ? {} : { body: { schema: body } }),
    answer: { status, schema: answer },
    async serve(request, response) {
      const call = { ...address(common, request), body: bodyOf(body, request) };
      response.status(status).json(await handle(call, response));
    },
  };
}

/** A call that reads or writes a stream. */
export function streamRoute<P extends z.ZodObject, Q extends z.ZodObject>(route: StreamRoute<P, Q>): Route {
  const { handle, ...rest } = route;
  return { ...rest, serve: (request, response) => handle(address(route, request), request, response) };
}

function address<P extends z.ZodObject, Q extends z.ZodObject>(route: Common<P, Q>, request: Request) {
  const { params, query } = route;
  return {
    params: (params === undefined ? {} : parse(params, request.params, 'address')) as z.output<P>,
    query: (query === undefined ? {} : parse(query, request.query, 'query')) as z.output<Q>,
  };
}

function bodyOf<B extends z.ZodType>(schema: B | undefined, request: Request): z.output<B> {
  return (schema === undefined ? undefined : parse(schema, request.body ?? {}, 'body')) as z.output<B>;
}
