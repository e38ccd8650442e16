import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { Node } from './schema.ts';

/** Nodes with a reboot that is due, the one whose time is up first at the front. As many rows as there are reboots under way. */
export function rebootingNodes(db: Db): Promise<Node[]> {
  return db
    .selectFrom('nodes')
    .selectAll()
    .where('reboot_due_at', 'is not', null)
    .orderBy('reboot_due_at')
    .orderBy('id')
    .execute();
}

/** Of a node that a job has, that told its boot, and that is not rebooting; else undefined. */
export function markRebooting(db: Db, id: string, dueAt: number): Promise<Node | undefined> {
  return db
    .updateTable('nodes')
    .set({ reboot_due_at: dueAt })
    .where('id', '=', id)
    .where('state', '=', sql.lit('leased'))
    .where('boot', 'is not', null)
    .where('reboot_due_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** By compare-and-swap on the boot: of two who end a reboot, one gets the node. From here on its next bootstrap has not been used. */
export function markRebooted(
  db: Db,
  id: string,
  { from, to }: { from: string; to: string },
): Promise<Node | undefined> {
  return db
    .updateTable('nodes')
    .set({ boot: to, reboot_due_at: null, bootstrap_used_at: null })
    .where('id', '=', id)
    .where('state', '=', sql.lit('leased'))
    .where('boot', '=', from)
    .where('reboot_due_at', 'is not', null)
    .returningAll()
    .executeTakeFirst();
}

/** A node that went while it rebooted does so no more. */
export async function forgetReboot(db: Db, id: string): Promise<void> {
  await db
    .updateTable('nodes')
    .set({ reboot_due_at: null })
    .where('id', '=', id)
    .where('state', '<>', sql.lit('leased'))
    .execute();
}
