import { expect, test } from 'vitest';
import { createStyle } from '../terminal/index.ts';
import { jobOf, stepOf } from './test-builds.ts';
import { createTextView } from './text-view.ts';

test('cells and attempts have their names before each line', async () => {
  const { view, written } = look();
  const job = jobOf({ key: 'test (3, arm)', attempt: 2, steps: [stepOf({ id: 's', name: 'make' })] });
  await view.stepStarted(job, stepOf({ id: 's', name: 'make' }));
  await view.output(job, Buffer.from('hello\n'));
  expect(written()).toBe('[test (3, arm), attempt 2] step 1/1 make\n[test (3, arm), attempt 2] hello\n');
});

test('preparations, post steps and caches are counted by themselves', async () => {
  const { view, written } = look();
  const steps = [
    stepOf({ id: '0', phase: 'prepare', name: 'install' }),
    stepOf({ id: '1' }),
    stepOf({ id: '2', phase: 'save', name: 'save' }),
    stepOf({ id: '3', phase: 'always', name: 'collect' }),
    stepOf({ id: '4', phase: 'failure', name: 'tell' }),
    stepOf({ id: '5', phase: 'collect', name: 'store' }),
  ];
  const job = jobOf({ steps });
  for (const step of steps) await view.stepStarted(job, step);
  expect(written()).toBe(
    '[test] prepare step 1/1 install\n[test] step 1/1 make\n[test] cache 1/1 save\n[test] post step 1/2 collect\n[test] post step 2/2 tell\n[test] last step store\n',
  );
});

test('a failure that is allowed says so', async () => {
  const { view, written } = look();
  const step = stepOf({
    state: 'finished',
    result: 'failure',
    message: 'exit 1',
    continueOnError: true,
    startedAt: 0,
    finishedAt: 2_000,
  });
  const job = jobOf({ state: 'finished', result: 'errored', continueOnError: true, steps: [step] });
  await view.stepEnded(job, step);
  await view.jobEnded(job);
  expect(written()).toBe('[test] step 1/1 failure (allowed) (2s): exit 1\n[test] job errored (allowed)\n');
});

test('a step that never started says why, unless something else is the reason', async () => {
  const { view, written } = look();
  const skipped = stepOf({ state: 'finished', result: 'skipped' });
  const job = jobOf({ steps: [skipped] });
  await view.stepEnded(job, skipped);
  expect(written()).toBe('');
  await view.stepEnded(job, { ...skipped, message: 'its condition does not hold: failure()' });
  await view.stepEnded(job, { ...skipped, result: 'failure', message: 'there is no secret TOKEN' });
  expect(written()).toBe(
    '[test] step 1/1 skipped: its condition does not hold: failure()\n[test] step 1/1 failure: there is no secret TOKEN\n',
  );
});

test('an attempt that failed says when the next one starts', async () => {
  const { view, written } = look();
  const first = jobOf({
    state: 'finished',
    stateSince: 5_000,
    result: 'failure',
    reason: 'exit 3',
    superseded: true,
  });
  await view.jobEnded(first, jobOf({ attempt: 2, notBefore: 15_000 }));
  await view.jobEnded(first, jobOf({ attempt: 2 }));
  expect(written()).toBe(
    '[test] attempt 1 failure: exit 3; attempt 2 starts in 10s\n[test] attempt 1 failure: exit 3; attempt 2 starts at once\n',
  );
});

test('a skipped job gives its reason', async () => {
  const { view, written } = look();
  await view.jobEnded(jobOf({ state: 'finished', result: 'skipped', reason: 'its `if` is false' }));
  expect(written()).toBe('[test] job skipped: its `if` is false\n');
});

function look() {
  let text = '';
  const screen = {
    isTerminal: false,
    async write(lines: string | Buffer) {
      text += lines.toString();
    },
    setStatus: () => undefined,
  };
  return { view: createTextView({ screen, style: createStyle(false) }), written: () => text };
}
