import type { Readable } from 'node:stream';
import { refusal } from './answers.ts';
import type { Http, HttpAnswer, HttpRequest } from './http.ts';
import { withRetries } from './retry.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

export interface AccountRequest extends Pick<HttpRequest, 'method'> {
  /** Below the account: `/container/object?query`. */
  path: string;
  headers?: Record<string, string>;
  body?: Buffer;
}

/** Requests to one account of Swift, with its token. */
export interface Account {
  /** Makes a small request, again if need be; any answer but one of trouble is returned. */
  ask(request: AccountRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Sends a stream, once. */
  send(request: Omit<AccountRequest, 'body'> & { body: Readable }, signal: AbortSignal): Promise<HttpAnswer>;
  session(signal: AbortSignal): Promise<Session>;
}

export function createAccount(http: Http, sessions: Sessions): Account {
  async function once(
    request: Omit<AccountRequest, 'body'> & { body?: Buffer | Readable },
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const session = await sessions.current(signal);
    const { path, headers, ...rest } = request;
    const answer = await http(
      { ...rest, url: session.storageUrl + path, headers: { ...headers, 'x-auth-token': session.token } },
      signal,
    );
    if (answer.status === 401) sessions.forget(session);
    return answer;
  }

  async function ask(request: AccountRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const answer = await once(request, signal);
    if (answer.status !== 401) return settled(answer, request);
    // The token may have ended before its time; with a new one, the answer stands.
    answer.body.destroy();
    return settled(await once(request, signal), request);
  }

  return {
    ask: (request, signal) => withRetries(() => ask(request, signal), signal),
    async send(request, signal) {
      const answer = await once(request, signal);
      if (answer.status !== 401) return answer;
      answer.body.destroy();
      // The stream is used up: whoever has it may send it again.
      throw refusal(503, `${request.method} ${request.path}`, 'the token has ended before its time');
    },
    session: (signal) => sessions.current(signal),
  };
}

function settled(answer: HttpAnswer, { method, path }: AccountRequest): HttpAnswer {
  const error = refusal(answer.status, `${method} ${path}`, '');
  if (answer.status < 400 || error.code !== 'storage-unavailable') return answer;
  answer.body.destroy();
  throw error;
}
