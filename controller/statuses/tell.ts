import { messageOf } from '#shared/errors';
import { judge, type Outcome } from './outcome.ts';
import type { StatusRequest } from './request.ts';

/** All that is read of an answer, in bytes. */
const MAX_ANSWER = 4096;

interface Options {
  /** For the whole exchange, from the connection to the answer's end. */
  timeoutMs: number;
  now(): number;
  signal: AbortSignal;
}

/** Sends one request. Never throws but for the signal, and says nothing that holds a header, where the token is. */
export async function tell(request: StatusRequest, { timeoutMs, now, signal }: Options): Promise<Outcome> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      headers: { ...request.headers, 'content-type': 'application/json', 'user-agent': 'footman' },
      body: JSON.stringify(request.body),
      // A redirection would take the token elsewhere, and turn the POST into a GET.
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    return judge(response.status, response.headers, await beginning(response), now());
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return { kind: 'later', problem: `no answer within ${timeoutMs} ms` };
    return { kind: 'later', problem: `no answer: ${causeOf(error)}` };
  }
}

async function beginning({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_ANSWER) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER).toString('utf8');
}

/** `fetch failed` has the reason as its cause, and that may have several. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return messageOf(first);
}
