import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LOG_WINDOW_BYTES, MAX_LOG_FRAME_BYTES, type LogFrame } from '#shared/protocol';
import type { LogLink } from './log-flow.ts';
import { createStepLog, type StepLog } from './step-log.ts';

let folder: string;
let frames: LogFrame[];
let buffered: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footman-log-'));
  frames = [];
  buffered = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Options {
  limit?: number;
  secrets?: string[];
  path?: string;
}

/** A log on a link whose socket takes everything at once, unless `buffered` says otherwise. */
function openLog({ limit = 2 ** 30, secrets = [], path = join(folder, 'spool') }: Options = {}): StepLog {
  const link: LogLink = {
    get buffered() {
      return buffered;
    },
    sendLog: (frame) => void frames.push({ ...frame, bytes: Buffer.from(frame.bytes) }),
  };
  return createStepLog({ stream: 7, path, secrets, limit, link });
}

/** What a controller has that got these frames, which must follow each other. */
function received(from: LogFrame[], start = 0): string {
  let offset = start;
  for (const frame of from) {
    expect(frame.offset).toBe(offset);
    expect(frame.bytes.length).toBeLessThanOrEqual(MAX_LOG_FRAME_BYTES);
    offset += frame.bytes.length;
  }
  return Buffer.concat(from.map(({ bytes }) => bytes)).toString();
}

test('what a step prints leaves at once', () => {
  openLog().write(Buffer.from('hello\n'));
  expect(received(frames)).toBe('hello\n');
});

test('while the socket is busy, small pieces of one millisecond wait and leave together', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const log = openLog();
  log.write(Buffer.from('a'));
  buffered = 1;
  log.write(Buffer.from('b'));
  log.write(Buffer.from('c'));
  expect(frames).toHaveLength(1);
  buffered = 0;
  log.flow.pump();
  expect(frames.map(({ bytes }) => bytes.toString())).toEqual(['a', 'bc']);
});

describe('the window', () => {
  test('is never overrun, and moves with what is acknowledged', () => {
    const log = openLog();
    const piece = Buffer.alloc(LOG_WINDOW_BYTES / 8, 'x');
    for (let count = 0; count < 24; count++) log.write(piece);
    expect(received(frames).length).toBe(LOG_WINDOW_BYTES);
    log.flow.acknowledged(LOG_WINDOW_BYTES / 2);
    expect(received(frames).length).toBe(1.5 * LOG_WINDOW_BYTES);
    log.flow.acknowledged(1.5 * LOG_WINDOW_BYTES);
    log.flow.acknowledged(2.5 * LOG_WINDOW_BYTES);
    expect(received(frames).length).toBe(3 * LOG_WINDOW_BYTES);
  });

  test('an acknowledgement of what was never sent opens nothing', () => {
    const log = openLog();
    log.flow.acknowledged(2 ** 40);
    log.write(Buffer.alloc(2 * LOG_WINDOW_BYTES));
    expect(received(frames).length).toBe(LOG_WINDOW_BYTES);
  });
});

describe('after a lost connection', () => {
  test('the log goes on from where the controller is', () => {
    const log = openLog();
    log.write(Buffer.from('one\ntwo\n'));
    log.flow.pause();
    log.write(Buffer.from('three\n'));
    expect(frames).toHaveLength(1);
    frames = [];
    log.flow.resume(4);
    expect(received(frames, 4)).toBe('two\nthree\n');
  });

  test('its end is told again, once for each connection, after its last byte', () => {
    const log = openLog();
    let told = 0;
    log.write(Buffer.from('one\n'));
    log.end(() => told++);
    log.flow.pump();
    expect(told).toBe(1);
    log.flow.pause();
    buffered = 2 ** 30;
    log.flow.resume(0);
    expect(told).toBe(1);
    buffered = 0;
    log.flow.pump();
    expect(told).toBe(2);
    expect(received(frames.slice(1))).toBe('one\n');
  });
});

describe('the limit', () => {
  test('ends the log with a line that says so', () => {
    const log = openLog({ limit: 10 });
    log.write(Buffer.from('12345\n'));
    log.write(Buffer.from('67890\n'));
    log.write(Buffer.from('more\n'));
    log.note('a note');
    log.end(() => undefined);
    expect(received(frames)).toBe('12345\n6789\n[footman] log limit of 10 B reached; the rest is not kept\n');
    expect(log.length).toBe(received(frames).length);
  });

  test('of exactly what was printed cuts nothing', () => {
    const log = openLog({ limit: 6 });
    log.write(Buffer.from('12345\n'));
    log.end(() => undefined);
    expect(received(frames)).toBe('12345\n');
  });
});

test('a spool that can not be written to ends the log with a line that says so', () => {
  const log = openLog({ path: join(folder, 'missing', 'spool') });
  log.write(Buffer.from('lost\n'));
  log.end(() => undefined);
  expect(received(frames)).toBe(
    '[footman] no space is left on the node to keep this log; the rest of it is lost\n',
  );
});

test('a line of the agent stands on a line of its own, with secrets masked', () => {
  const log = openLog({ secrets: ['hunter2'] });
  log.write(Buffer.from('prompt> hunt'));
  log.note('could not read hunter2');
  expect(received(frames)).toBe('prompt> hunt\n[footman] could not read ***\n');
});
