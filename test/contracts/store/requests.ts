import { findRequest, openRequestRows, recordDecline, requestsOfJob, type Decline } from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addJob, addRequest } from './rows.ts';

export function describeRequests(context: Context): void {
  describe('node requests', () => {
    test('are open until they got their node or never will', async () => {
      const { db } = context.store;
      const job = await addJob(db);
      const pending = await addRequest(db, job, { state: 'pending', created_at: 2 });
      const requested = await addRequest(db, null, { created_at: 1 });
      await addRequest(db, job, { state: 'fulfilled' });
      await addRequest(db, job, { state: 'failed' });
      await addRequest(db, null, { state: 'withdrawn' });
      expect((await openRequestRows(db)).map((request) => request.id)).toEqual([requested, pending]);
      expect(await requestsOfJob(db, job)).toHaveLength(3);
    });

    test('keep the newest no of each candidate, newest last', async () => {
      const { db } = context.store;
      const id = await addRequest(db, null);
      await recordDecline(db, id, decline('a', 'quota'));
      await recordDecline(db, id, decline('b', 'no such image'));
      const request = await recordDecline(db, id, decline('a', 'capacity'));
      expect(request?.declines).toEqual([decline('b', 'no such image'), decline('a', 'capacity')]);
      expect(await findRequest(db, id)).toEqual(request);
      expect(await recordDecline(db, 'nobody', decline('a', 'quota'))).toBeUndefined();
    });

    test('keep fifty of them', async () => {
      const id = await addRequest(context.store.db, null);
      for (let i = 0; i < 60; i++) await recordDecline(context.store.db, id, decline(`t${i}`, 'quota'));
      const templates = (await findRequest(context.store.db, id))?.declines.map((each) => each.template);
      expect(templates).toEqual(Array.from({ length: 50 }, (_, i) => `t${i + 10}`));
    });

    test('lose none when candidates decline at once', async () => {
      const rival = await context.open();
      const id = await addRequest(context.store.db, null);
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          recordDecline((i % 2 === 0 ? context.store : rival).db, id, decline(`t${i}`, 'quota')),
        ),
      );
      expect((await findRequest(context.store.db, id))?.declines).toHaveLength(20);
    });
  });
}

function decline(template: string, reason: string): Decline {
  return { cloud: 'docker', template, code: 'quota', reason, final: false, at: 1 };
}
