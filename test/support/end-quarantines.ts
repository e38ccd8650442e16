import { join } from 'node:path';
import { openStore } from '#controller/store';

/** The time of all quarantined hosts has come, straight in the store of the controller with this data folder, which does not run. */
export async function endQuarantines(data: string): Promise<void> {
  const store = await openStore({ kind: 'sqlite', file: join(data, 'footman.db') });
  try {
    await store.db.updateTable('hosts').set({ due_at: 1 }).where('state', '=', 'quarantined').execute();
  } finally {
    await store.close();
  }
}
