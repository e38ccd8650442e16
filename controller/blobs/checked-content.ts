import { createHash } from 'node:crypto';
import { FootmanError } from '#shared/errors';
import { abortable } from './abortable.ts';
import type { Expected } from './contract.ts';
import type { Content } from './store.ts';

/** Content on its way to a storage. */
export interface CheckedContent {
  content: Content;
  /** Why it broke off; undefined as long as it didn't. */
  failure(): { cause: unknown } | undefined;
}

/**
 * Content that turns out to be as expected, or fails: a stream before its last piece is out, so that no storage can have taken it for whole.
 *
 * @throws FootmanError `too-large`, `request-invalid` where it isn't what was expected
 */
export function checkContent(content: Content, expected: Expected, signal: AbortSignal): CheckedContent {
  if (content instanceof Uint8Array) {
    const check = createCheck(expected);
    check.take(content);
    check.end();
    return { content, failure: () => undefined };
  }
  let failure: { cause: unknown } | undefined;
  return { content: watched(), failure: () => failure };

  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* checked(abortable(content as AsyncIterable<Uint8Array>, signal), expected);
    } catch (cause) {
      failure = { cause };
      throw cause;
    }
  }
}

async function* checked(pieces: AsyncIterable<Uint8Array>, expected: Expected): AsyncGenerator<Uint8Array> {
  const check = createCheck(expected);
  let last: Uint8Array | undefined;
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    check.take(piece);
    if (last !== undefined) yield last;
    last = piece;
  }
  check.end();
  if (last !== undefined) yield last;
}

function createCheck(expected: Expected): { take(piece: Uint8Array): void; end(): void } {
  const limit = expected.bytes ?? Number.POSITIVE_INFINITY;
  const hash = expected.sha256 === undefined ? undefined : createHash('sha256');
  let bytes = 0;
  return {
    take(piece) {
      bytes += piece.length;
      if (bytes > limit) throw new FootmanError('too-large', `the object has more than its ${limit} bytes`);
      hash?.update(piece);
    },
    end() {
      if (expected.bytes !== undefined && bytes !== expected.bytes) {
        throw new FootmanError(
          'request-invalid',
          `the object has ${bytes} bytes instead of ${expected.bytes}`,
        );
      }
      if (hash !== undefined && hash.digest('hex') !== expected.sha256) {
        throw new FootmanError('request-invalid', 'the object does not have the expected SHA-256 digest');
      }
    },
  };
}
