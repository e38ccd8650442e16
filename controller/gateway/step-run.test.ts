import { expect, test } from 'vitest';
import type { LogWriter } from '#controller/logs';
import { FootmanError } from '#shared/errors';
import type { StepStart } from '#shared/protocol';
import { createStepRun } from './step-run.ts';

const START = { step: 'one', stream: 3 } as StepStart;
const FRAME = { stream: 3, offset: 0, time: 1, bytes: Buffer.from('x') };

test('what the agent does wrong ends its connection, and not its step', async () => {
  const { run, cuts } = runWith(new FootmanError('protocol-violation', 'a gap'));
  run.log(FRAME);
  await new Promise(setImmediate);
  expect(cuts).toEqual(['a gap']);
});

test('a disk that fails ends the run, so that the log is opened anew for the next one', async () => {
  const { run, cuts } = runWith(new Error('ENOSPC'));
  run.log(FRAME);
  await expect(run.report).rejects.toThrow('ENOSPC');
  expect(cuts).toEqual([]);
});

/** A step whose log takes nothing. */
function runWith(failure: Error): { run: ReturnType<typeof createStepRun>; cuts: string[] } {
  const cuts: string[] = [];
  const writer: LogWriter = {
    stored: 0,
    pending: 0,
    complete: false,
    append: () => Promise.reject(failure),
    finish: () => Promise.reject(failure),
    release: () => Promise.resolve(),
  };
  const link = { send: () => undefined, cut: (reason: string) => void cuts.push(reason) };
  return { run: createStepRun({ start: START, writer, link }), cuts };
}
