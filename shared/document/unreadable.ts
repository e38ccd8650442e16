import type { Finding } from './finding.ts';
import { MAX_SOURCE_BYTES } from './limits.ts';

/** YAML 1.2 section 5.1 allows no other control characters; tab, line feed, carriage return and NEL it does. */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /\r(?!\n)|[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F]/;

/** Why this source can't be read at all: too large, or not a text. */
export function findUnreadable(source: string): Finding | undefined {
  if (isTooLarge(source)) {
    return {
      offset: 0,
      end: 0,
      code: 'limit',
      message: 'the file is larger than 1 MiB',
      hint: 'move long scripts into files of their own',
    };
  }
  const offset = source.search(FORBIDDEN);
  if (offset === -1) return undefined;
  const point = source.charCodeAt(offset);
  if (point === 0) {
    return {
      offset,
      end: offset,
      code: 'syntax',
      message: 'there is a NUL byte here',
      hint: 'is this a text file, saved as UTF-8?',
    };
  }
  if (point === 13) {
    const message = 'there is a carriage return without a line feed here';
    return { offset, end: offset, code: 'syntax', message, hint: 'save the file with Unix line ends' };
  }
  const name = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return {
    offset,
    end: offset,
    code: 'syntax',
    message: `the control character ${name} is not allowed`,
    hint: 'delete it, or write it as an escape in double quotes',
  };
}

/** Counting bytes costs a pass over the source; its length in code units is already too much for most that are too large. */
function isTooLarge(source: string): boolean {
  return source.length > MAX_SOURCE_BYTES || Buffer.byteLength(source) > MAX_SOURCE_BYTES;
}
