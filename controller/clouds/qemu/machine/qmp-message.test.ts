import { expect, test } from 'vitest';
import { parseQmpMessage } from './qmp-message.ts';

test.each([
  ['{"QMP": {"version": {}, "capabilities": ["oob"]}}', { type: 'greeting' }],
  ['{"return": {"status": "running"}}', { type: 'return', value: { status: 'running' } }],
  ['{"return": ""}', { type: 'return', value: '' }],
  [
    '{"error": {"class": "GenericError", "desc": "no such device"}}',
    { type: 'error', sentence: 'no such device' },
  ],
  ['{"timestamp": {"seconds": 1}, "event": "SHUTDOWN", "data": {}}', { type: 'event', event: 'SHUTDOWN' }],
])('%s', (line, expected) => {
  expect(parseQmpMessage(line)).toEqual(expected);
});

test.each(['', 'QEMU 7.2', '{"retu', '[]', '{"hello": 1}', 'null'])('%j is none of its messages', (line) => {
  expect(parseQmpMessage(line)).toBeUndefined();
});
