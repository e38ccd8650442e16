import { expect, test } from 'vitest';
import { createStyle } from '../terminal/index.ts';
import { formatWaiting, type WaitingJob } from './index.ts';

/** In the zone of whoever runs the test. */
const NOW = new Date(2026, 0, 31, 12, 0, 0).getTime();
const style = createStyle(false);

test('candidates stand in columns, with what one that is open said last', () => {
  const declines = [
    { cloud: 'hp', template: 'big', code: 'failed', reason: 'no route', final: false, at: NOW },
    { cloud: 'rax', template: 'small', code: 'quota', reason: 'full', final: false, at: NOW },
  ] as const;
  const text = formatWaiting(
    waiting({
      requests: [{ ...REQUEST, declines: [...declines] }],
      candidates: [
        {
          ...NOBODY,
          cloud: 'rax',
          template: 'small',
          verdict: 'declined',
          code: 'quota',
          reason: 'at quota',
        },
        { ...NOBODY, cloud: 'hp', template: 'big', verdict: 'open' },
      ],
      ahead: 12,
      estimate: { at: NOW, sentence: 'a rough guess: 12:30' },
    }),
    { style, now: NOW },
  );
  expect(text).toBe(`7/test: it waits for a node
  state        queued for 14s, gives up at 13:00:00
  candidates   rax/small  quota  at quota
               hp/big     open   its last try: no route
  queue        12 jobs before it
  estimate     a rough guess: 12:30
`);
});

test('its place in the queue is left out once a node is on its way', () => {
  const node = { id: 'n', cloud: 'hp', template: 'big', state: 'launching', since: NOW, usualMs: 1 } as const;
  const text = formatWaiting(
    waiting({
      nodes: [{ ...node, sentence: 'launching since 14s' }],
      candidates: [{ ...NOBODY, cloud: 'hp', template: 'big', verdict: 'open' }],
      ahead: 0,
    }),
    { style, now: NOW },
  );
  expect(text).toContain('  on its way   hp/big  launching since 14s\n');
  expect(text).not.toContain('queue ');
});

test('what its node would be made from is named where the controller has made that', () => {
  const image = { id: 'v', name: 'ubuntu-3.hp', stream: 'ubuntu', number: 3 };
  const text = formatWaiting(
    waiting({
      candidates: [
        { ...NOBODY, cloud: 'rax', template: 'small', verdict: 'open' },
        { ...NOBODY, cloud: 'hp', template: 'big', verdict: 'open', image },
      ],
    }),
    { style, now: NOW },
  );
  expect(text).toContain('\n  made from    hp/big  ubuntu-3.hp, number 3 of ubuntu\n');
});

test('where nobody can tell when, it says so; who waits for no node is told nothing', () => {
  const candidates = [{ ...NOBODY, cloud: 'hp', template: 'big', verdict: 'declined' } as const];
  const text = formatWaiting(waiting({ candidates }), { style, now: NOW });
  expect(text).toMatch(/^ {2}estimate {5}nobody can tell: /m);
  expect(formatWaiting(waiting({}), { style, now: NOW })).not.toContain('estimate');
});

const NOBODY = { code: null, reason: null, until: null, image: null };
test('it says for whom the node is to be held, and is held', () => {
  const wish = { id: null, state: 'wished', owner: 'alice', reason: null, expiresAt: null } as const;
  const lines = [
    { ...wish, on: 'end' as const },
    { ...wish, on: 'failure' as const },
    { ...wish, id: 'h', state: 'held' as const, on: null, expiresAt: NOW + 3_600_000 },
    { ...wish, id: 'h', state: 'released' as const, on: null },
  ].map((hold) => /^  hold +(.*)$/m.exec(formatWaiting(waiting({ hold }), { style, now: NOW }))?.[1]);
  expect(lines).toEqual([
    'for alice, when the job has ended',
    'for alice, when the job has failed',
    'held for alice until 13:00:00, 1h from now (hold h)',
    undefined,
  ]);
});

const REQUEST = {
  id: 'r',
  role: 'main',
  runsOn: 'linux',
  state: 'requested',
  since: NOW,
  reason: null,
} as const;

function waiting(answer: Partial<WaitingJob>): WaitingJob {
  return {
    build: 7,
    key: 'test',
    hold: null,
    jobId: 'j',
    state: 'queued',
    since: NOW - 14_000,
    until: NOW + 3_600_000,
    sentence: 'it waits for a node',
    needs: [],
    requests: [],
    candidates: [],
    nodes: [],
    ahead: null,
    estimate: null,
    ...answer,
  };
}
