import { expect, test } from 'vitest';
import { listAudit, sessionsOfHold } from '#controller/store';
import { openHolds } from '../holds/test-support.ts';
import { noteSession } from './session-rows.ts';

test('what somebody typed stands among the sessions of the hold, and not where everybody reads', async () => {
  await using fixture = await openHolds();
  const { store, journal } = fixture;
  const hold = await fixture.held();
  const who = { name: 'SHA256:abc', fingerprint: 'SHA256:abc' };
  const session = {
    id: 's1',
    kind: 'exec',
    who,
    peer: '192.0.2.7',
    detail: 'login --password=mine',
  } as const;
  await journal.commit((tx) => noteSession(tx, hold, session));
  expect(await sessionsOfHold(store.db, hold.id)).toMatchObject([{ detail: 'login --password=mine' }]);
  const log = await listAudit(store.db, { subject: hold.id, limit: 100 });
  expect(log).toContainEqual(
    expect.objectContaining({
      actor: 'SHA256:abc',
      action: 'hold.session',
      data: expect.objectContaining({ kind: 'exec', peer: '192.0.2.7' }),
    }),
  );
  expect(JSON.stringify(log)).not.toContain('mine');
});
