import { expect, test } from 'vitest';
import { tailOfLog } from './container-log.ts';

test('both streams, in order', () => {
  const frames = Buffer.concat([frame(1, 'one\n'), frame(2, 'two\n'), frame(1, ''), frame(1, 'three\n')]);
  expect(tailOfLog(frames, 1000)).toBe('one\ntwo\nthree\n');
});

test('the end, cut between characters', () => {
  expect(tailOfLog(frame(1, 'ab✓cd'), 4)).toBe('cd');
  expect(tailOfLog(frame(1, 'ab✓cd'), 5)).toBe('✓cd');
  expect(tailOfLog(frame(1, '✓'), 1)).toBe('');
});

test('what a torn last frame has', () => {
  const whole = Buffer.concat([frame(1, 'one'), frame(1, 'two')]);
  expect(tailOfLog(whole.subarray(0, -1), 1000)).toBe('onetw');
  expect(tailOfLog(whole.subarray(0, 14), 1000)).toBe('one');
  expect(tailOfLog(Buffer.alloc(0), 1000)).toBe('');
});

function frame(kind: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}
