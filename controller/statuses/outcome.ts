/** What came of telling a provider. */
export type Outcome =
  | { kind: 'told' }
  /** It may go better later; `pauseMs` is what the provider asks for, for all of the project. */
  | { kind: 'later'; problem: string; pauseMs?: number }
  /** It will go the same way until somebody changes something. */
  | { kind: 'refused'; problem: string };

/** Longer than any provider's window of rate limits. */
const LONGEST_PAUSE_MS = 3_600_000;

/** Characters of what a provider says. */
const MAX_DETAIL = 200;

/** GitLab refuses a change to a state that the status has already, or has left behind. Then it knows as much as it can be told. */
const ALREADY = /cannot transition status/i;

/** Judges an answer. `text` is the beginning of its body; `now` is in milliseconds since the epoch. */
export function judge(status: number, headers: Headers, text: string, now: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'told' };
  if (status === 400 && ALREADY.test(text)) return { kind: 'told' };
  const problem = `the provider answered ${status}${detailOf(status, headers, text)}`;
  const pauseMs = pauseOf(status, headers, now);
  if (pauseMs !== undefined) return { kind: 'later', problem, pauseMs };
  const mayPass = status >= 500 || status === 429 || status === 408 || status === 409 || status === 425;
  return { kind: mayPass ? 'later' : 'refused', problem };
}

/** GitHub says with a 403, too, that it was asked too often: then a header says until when. */
function pauseOf(status: number, headers: Headers, now: number): number | undefined {
  if (status !== 429 && status !== 403 && status !== 503) return undefined;
  const until = retryAfter(headers.get('retry-after'), now) ?? resetOf(headers);
  return until === undefined ? undefined : Math.min(Math.max(0, until - now), LONGEST_PAUSE_MS);
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return now + Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : date;
}

function resetOf(headers: Headers): number | undefined {
  const reset = headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset');
  const remaining = headers.get('x-ratelimit-remaining') ?? headers.get('ratelimit-remaining');
  return remaining === '0' && reset !== null && /^\d+$/.test(reset) ? Number(reset) * 1000 : undefined;
}

function detailOf(status: number, headers: Headers, text: string): string {
  if (status >= 300 && status < 400)
    return `: the repository has moved to ${(headers.get('location') ?? 'elsewhere').slice(0, MAX_DETAIL)}`;
  const message = messageIn(text);
  return message === undefined ? '' : `: ${message}`;
}

/** All three answer with JSON that has a `message`; what a proxy in front of them answers may be anything. */
function messageIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return undefined;
    const { message, error } = body as { message?: unknown; error?: unknown };
    const told = message ?? error;
    return told === undefined
      ? undefined
      : (typeof told === 'string' ? told : JSON.stringify(told)).slice(0, MAX_DETAIL);
  } catch {
    return undefined;
  }
}
