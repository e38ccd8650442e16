import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LOG_HEADER_BYTES,
  MAX_CONTROL_BYTES,
  MAX_FILES_PER_MESSAGE,
  MAX_LOG_FRAME_BYTES,
  MAX_OUTPUTS,
  MAX_OUTPUT_LENGTH,
  MAX_PATH_LENGTH,
  decodeAgentMessage,
  decodeControllerMessage,
  decodeLogFrame,
  encodeLogHeader,
} from './index.ts';

const VIOLATION = expect.objectContaining({ code: 'protocol-violation' });

describe('log frames', () => {
  const number = fc.maxSafeNat();
  const frame = fc.record({
    stream: fc.nat(2 ** 31 - 1).map((n) => n * 2 + 1),
    offset: number,
    time: number,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
  });

  test('are read as they were written', () => {
    fc.assert(
      fc.property(frame, ({ bytes, ...header }) => {
        const read = decodeLogFrame(Buffer.concat([encodeLogHeader(header), bytes]));
        expect({ ...read, bytes: Uint8Array.from(read.bytes) }).toEqual({ ...header, bytes });
      }),
    );
  });

  test('may be as long as the limit, and not longer', () => {
    const header = encodeLogHeader({ stream: 0, offset: 0, time: 0 });
    const longest = Buffer.concat([header, Buffer.alloc(MAX_LOG_FRAME_BYTES)]);
    expect(decodeLogFrame(longest).bytes).toHaveLength(MAX_LOG_FRAME_BYTES);
    expect(() => decodeLogFrame(Buffer.concat([longest, Buffer.alloc(1)]))).toThrow(VIOLATION);
  });

  test('of any bytes at all are a frame or a violation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2 * LOG_HEADER_BYTES }), (bytes) => {
        try {
          const { offset, time } = decodeLogFrame(Buffer.from(bytes));
          expect([offset, time].every(Number.isSafeInteger)).toBe(true);
        } catch (error) {
          expect(error).toEqual(VIOLATION);
        }
      }),
    );
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a header without bytes', encodeLogHeader({ stream: 0, offset: 0, time: 0 })],
    ['another kind', Buffer.alloc(LOG_HEADER_BYTES + 1, 2)],
    ['a number beyond 2^53', Buffer.concat([Buffer.from([1]), Buffer.alloc(LOG_HEADER_BYTES, 255)])],
  ])('%s is a violation', (_, bytes) => {
    expect(() => decodeLogFrame(bytes)).toThrow(VIOLATION);
  });
});

describe('control messages', () => {
  test('of any text at all are a message or a violation', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => decodeAgentMessage(text)).toThrow(VIOLATION);
        expect(() => decodeControllerMessage(text)).toThrow(VIOLATION);
      }),
    );
  });

  test('may be as long as the limit in bytes, whatever they say', () => {
    const message = JSON.stringify({ type: 'step.started', step: 'a', at: 1 });
    const longest = message.padEnd(MAX_CONTROL_BYTES);
    expect(decodeAgentMessage(longest)).toEqual({ type: 'step.started', step: 'a', at: 1 });
    expect(() => decodeAgentMessage(`${longest} `)).toThrow(VIOLATION);
    expect(() => decodeAgentMessage(`${message}${'ü'.repeat(MAX_CONTROL_BYTES / 2)}`)).toThrow(/at most/);
  });

  test('of one side are none of the other', () => {
    expect(() => decodeControllerMessage('{"type":"step.started","step":"a","at":1}')).toThrow(VIOLATION);
    expect(() => decodeAgentMessage('{"type":"lease.end"}')).toThrow(VIOLATION);
    expect(decodeControllerMessage('{"type":"lease.end"}')).toEqual({ type: 'lease.end' });
  });

  test('take no key that they do not know', () => {
    expect(() => decodeAgentMessage('{"type":"step.started","step":"a","at":1,"lease":"b"}')).toThrow(
      VIOLATION,
    );
  });

  test('name the place of what is wrong', () => {
    expect(() => decodeAgentMessage('{"type":"step.started","step":"A B","at":1}')).toThrow(/at step/);
  });
});

describe('paths of files', () => {
  test.each(['a', 'a/b', '.hidden', 'a..b', '...', 'ü b/ç', '-', 'x'.repeat(MAX_PATH_LENGTH)])(
    '%j is good',
    (path) => {
      expect(decodeAgentMessage(files([path]))).toMatchObject({ files: [{ path }] });
    },
  );

  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/..',
    '../a',
    'a/./b',
    'a\\b',
    'a\0',
    'x'.repeat(MAX_PATH_LENGTH + 1),
  ])('%j is not', (path) => {
    expect(() => decodeAgentMessage(files([path]))).toThrow(VIOLATION);
  });

  test('come in lists of limited length', () => {
    const paths = Array.from({ length: MAX_FILES_PER_MESSAGE + 1 }, (_, index) => `f${index}`);
    expect(() => decodeAgentMessage(files(paths.slice(1)))).not.toThrow();
    expect(() => decodeAgentMessage(files(paths))).toThrow(VIOLATION);
  });
});

describe('outputs', () => {
  test('have limited names, number and length', () => {
    const many = Object.fromEntries(Array.from({ length: MAX_OUTPUTS }, (_, index) => [`o${index}`, '']));
    expect(() => decodeAgentMessage(finished(many))).not.toThrow();
    expect(() => decodeAgentMessage(finished({ ...many, more: '' }))).toThrow(VIOLATION);
    expect(() => decodeAgentMessage(finished({ o: 'x'.repeat(MAX_OUTPUT_LENGTH) }))).not.toThrow();
    expect(() => decodeAgentMessage(finished({ o: 'x'.repeat(MAX_OUTPUT_LENGTH + 1) }))).toThrow(VIOLATION);
    expect(() => decodeAgentMessage(finished({ 'a b': '' }))).toThrow(VIOLATION);
  });
});

function files(paths: readonly string[]): string {
  const list = paths.map((path) => ({ path, bytes: 1, sha256: '0'.repeat(64), mode: 0o644 }));
  return JSON.stringify({ type: 'artifact.files', artifact: 'a', files: list });
}

function finished(outputs: Record<string, string>): string {
  const end = { reason: 'exited', exit: 0, signal: null };
  return JSON.stringify({ type: 'step.finished', step: 'a', at: 1, end, outputs, logBytes: 0 });
}
