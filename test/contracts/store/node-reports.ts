import { describe, expect, test } from 'vitest';
import { findNodeReport, putNodeReport } from '#controller/store';
import type { Context } from './context.ts';
import { addNode } from './rows.ts';

export function describeNodeReports(context: Context): void {
  describe('node reports', () => {
    test('there is one of a kind, the last; texts come back as they are', async () => {
      const { db } = context.store;
      const id = await addNode(db);
      await putNodeReport(db, { node_id: id, kind: 'console', at: 1, text: 'first' });
      await putNodeReport(db, { node_id: id, kind: 'console', at: 2, text: 'größer\n€\t🙂' });
      await putNodeReport(db, { node_id: id, kind: 'check', at: 1, text: '{}' });
      expect(await findNodeReport(db, id, 'console')).toEqual({
        node_id: id,
        kind: 'console',
        at: 2,
        text: 'größer\n€\t🙂',
      });
      expect(await findNodeReport(db, id, 'check')).toMatchObject({ text: '{}' });
      expect(await findNodeReport(db, 'other', 'check')).toBeUndefined();
    });

    test('the newest 500 of a kind are kept', async () => {
      const { db } = context.store;
      const first = await addNode(db);
      await putNodeReport(db, { node_id: first, kind: 'check', at: 0, text: '' });
      await putNodeReport(db, { node_id: first, kind: 'console', at: 0, text: '' });
      for (let at = 1; at < 500; at++) {
        const id = await addNode(db);
        await putNodeReport(db, { node_id: id, kind: 'check', at, text: '' });
      }
      expect(await findNodeReport(db, first, 'check')).toBeDefined();
      const last = await addNode(db);
      await putNodeReport(db, { node_id: last, kind: 'check', at: 500, text: '' });
      expect(await findNodeReport(db, first, 'check')).toBeUndefined();
      expect(await findNodeReport(db, last, 'check')).toBeDefined();
      expect(await findNodeReport(db, first, 'console')).toBeDefined();
    });
  });
}
