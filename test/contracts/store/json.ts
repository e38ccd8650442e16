import { findBuild, findNode, insertSteps, swapState, updateStep, type NewBuild } from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild, addJob, addNode, stepRow } from './rows.ts';

export function describeJson(context: Context): void {
  describe('values', () => {
    test('come back as they went in: JSON with its keys in order, text that looks like JSON as text', async () => {
      const { db } = context.store;
      const definition = { name: 'b', jobs: {}, env: { Z: '1', A: '{"x":1}', quote: `'"\\ä\u2028` } };
      const source = { blob: 'b', bytes: 2 ** 40, sha256: '0', commit: 'c', ref: null };
      const build = await addBuild(db, {
        definition: definition as unknown as NewBuild['definition'],
        source,
        pipeline: '{"a":1}',
        reason: '[1]',
        created_at: 1_900_000_000_123,
      });
      const found = await findBuild(db, build.id);
      expect(found).toEqual(build);
      expect(found).toMatchObject({
        definition,
        source,
        pipeline: '{"a":1}',
        reason: '[1]',
        created_at: 1_900_000_000_123,
        result: null,
      });
      expect(JSON.stringify(found?.definition)).toBe(JSON.stringify(definition));
    });

    test('of JSON columns change in updates, to null too', async () => {
      const { db } = context.store;
      const step = stepRow(await addJob(db));
      await insertSteps(db, [step]);
      expect(await updateStep(db, step.id, { outputs: { a: 'b' } })).toMatchObject({ outputs: { a: 'b' } });
      expect(await updateStep(db, step.id, { outputs: null })).toMatchObject({ outputs: null });
      const node = await addNode(db, { labels: [] });
      await swapState(db, 'nodes', node, ['planned'], 'planned', { labels: ['a"b', "c'd"] }, 1);
      expect(await findNode(db, node)).toMatchObject({ labels: ['a"b', "c'd"], facts: null });
    });

    test('from hostile agents do no harm: NUL characters, broken surrogates', async () => {
      const { db } = context.store;
      const step = stepRow(await addJob(db));
      await insertSteps(db, [step]);
      const outputs = { a: 'x\0y', b: '\uD800' };
      const updated = await updateStep(db, step.id, { message: 'x\0y', outputs });
      expect(updated).toMatchObject({ message: 'x\uFFFDy', outputs });
    });
  });
}
