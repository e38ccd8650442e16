import type { IncomingMessage } from 'node:http';

/**
 * What came of one attempt. `again`: the same request may do better later. `expired`: it is the request that is not accepted, another may be.
 * `refused`: never.
 */
export type Outcome = { kind: 'done' } | { kind: 'again' | 'expired' | 'refused'; reason: string };

/** Of a refusal's text: enough for the code that S3 puts at its beginning. */
const MAX_TEXT = 4096;

/** S3's codes that tell more than the status with which they come. */
const CODES: Readonly<Record<string, Exclude<Outcome['kind'], 'done'>>> = {
  ExpiredToken: 'expired',
  RequestTimeout: 'again',
  SlowDown: 'again',
  // Space may come: others remove what they have.
  QuotaExceeded: 'again',
  QuotaExceed: 'again',
};

/** Reads a server's refusal. */
export async function refusalOf(response: IncomingMessage): Promise<Outcome> {
  const status = response.statusCode ?? 0;
  // The status stands, also where the connection ends before the text does.
  const text = await textOf(response).catch(() => '');
  const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(text)?.[1];
  const words = code === undefined ? '' : ` (${code})`;
  const full = status === 413 || status === 507 || code?.startsWith('Quota') === true;
  return {
    kind: (code === undefined ? undefined : CODES[code]) ?? kindOf(status),
    reason: `the storage ${full ? 'is full, it ' : ''}answered ${status}${words}`,
  };
}

function kindOf(status: number): Exclude<Outcome['kind'], 'done'> {
  // Swift says 401 for a temporary URL that has expired, and S3 403.
  if (status === 401 || status === 403) return 'expired';
  // Request timeout, over quota, too many requests, and whatever is the server's own trouble.
  return [408, 413, 429].includes(status) || status >= 500 ? 'again' : 'refused';
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response as AsyncIterable<Buffer>) {
    text += piece.toString('latin1');
    if (text.length > MAX_TEXT) break;
  }
  return text;
}
