import { buffer, text } from 'node:stream/consumers';
import type * as z from 'zod';
import { FootmanError, messageOf } from '#shared/errors';
import type { HttpAnswer } from './http.ts';

/** Refusals that pass, though their status says otherwise: too slow, too much at a time, too often. */
const PASSING = new Set([408, 429, 498, 499]);
const LASTING = new Set([501, 507]);
const MAX_REASON = 300;

const HINTS: Record<number, string> = {
  401: 'check user and key of the storage',
  403: 'let this user list, read, write and delete in the container',
  413: 'the quota of the container or the account is used up',
  507: 'the storage is full',
};

/** The answer if it is one of these; what any other says is an error. @throws FootmanError `storage-unavailable`, `storage-refused` */
export async function expectStatus(
  answer: HttpAnswer,
  what: string,
  ...wanted: number[]
): Promise<HttpAnswer> {
  if (wanted.includes(answer.status)) return answer;
  const said = await text(answer.body).catch(messageOf);
  throw refusal(answer.status, what, said);
}

export function refusal(status: number, what: string, said: string): FootmanError {
  const reason = said
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .trim()
    .slice(0, MAX_REASON);
  const sentence = `it answers ${status} to ${what}${reason === '' ? '' : `: ${reason}`}`;
  const passes = (status >= 500 && !LASTING.has(status)) || PASSING.has(status);
  if (passes) return new FootmanError('storage-unavailable', `the storage fails: ${sentence}`);
  const hint = HINTS[status];
  return new FootmanError(
    'storage-refused',
    `the storage refuses: ${sentence}`,
    hint === undefined ? {} : { hint },
  );
}

/** Reads an answer nobody needs the body of, so that its connection can be used again. */
export async function finish(answer: HttpAnswer): Promise<HttpAnswer> {
  await bodyOf(answer);
  return answer;
}

/** The whole of a small body. @throws FootmanError `storage-unavailable` where it breaks off */
export async function bodyOf({ body }: HttpAnswer): Promise<Buffer> {
  try {
    return await buffer(body);
  } catch (cause) {
    throw new FootmanError('storage-unavailable', `the storage's answer broke off: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** A header that must be there. @throws FootmanError `storage-refused` */
export function headerOf({ headers }: HttpAnswer, name: string): string {
  const value = headers[name];
  if (typeof value === 'string') return value;
  throw new FootmanError(
    'storage-refused',
    `the storage's answer has no ${name}: is that the right address?`,
  );
}

/** A body of JSON. @throws FootmanError `storage-refused` where it is something else */
export async function jsonOf<T>(answer: HttpAnswer, schema: z.ZodType<T>): Promise<T> {
  const body = await bodyOf(answer);
  try {
    return schema.parse(JSON.parse(body.toString()));
  } catch (cause) {
    throw new FootmanError(
      'storage-refused',
      "the storage's answer is not understood: is that the right address?",
      {
        cause,
      },
    );
  }
}
