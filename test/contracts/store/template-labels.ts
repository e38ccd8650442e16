import { allTemplateLabels, putTemplateLabels } from '#controller/store';
import { expect, test } from 'vitest';
import type { Context } from './context.ts';

export function describeTemplateLabels(context: Context): void {
  test('what was learned last of a template takes the place of what was known before', async () => {
    const { db } = context.store;
    const old = { cloud: 'rax', template: 'small', digest: 'd1', labels: ['debian'] };
    const other = { cloud: 'hp', template: 'small', digest: 'd1', labels: [] };
    for (const row of [old, other]) await putTemplateLabels(db, row);
    expect(await allTemplateLabels(db)).toEqual([other, old]);
    const fresh = { ...old, digest: 'd2', labels: ['fedora', 'fedora-42'] };
    await putTemplateLabels(db, fresh);
    expect(await allTemplateLabels(db)).toEqual([other, fresh]);
  });
}
