import type { Db } from './db.ts';
import type { TemplateLabels } from './schema.ts';

/** Of all templates that ever had such: a row for each. */
export function allTemplateLabels(db: Db): Promise<TemplateLabels[]> {
  return db.selectFrom('template_labels').selectAll().orderBy('cloud').orderBy('template').execute();
}

/** In the place of what was known of the template before. */
export async function putTemplateLabels(db: Db, row: TemplateLabels): Promise<void> {
  const { digest, labels } = row;
  await db
    .insertInto('template_labels')
    .values(row)
    .onConflict((conflict) => conflict.columns(['cloud', 'template']).doUpdateSet({ digest, labels }))
    .execute();
}
