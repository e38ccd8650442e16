import type { Journal } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { retireUnleased } from '#controller/nodes';
import { liveNodes } from '#controller/store';

interface Deps {
  journal: Journal;
  fleet: Fleet;
}

/** Nodes of templates that nobody configures any more go, unless they have a job, or are held: those go after it. */
export async function retireUnconfigured({ journal, fleet }: Deps): Promise<void> {
  await journal.commit(async (tx) => {
    for (const { id, cloud, template } of await liveNodes(tx.db)) {
      if (fleet.template(cloud, template) !== undefined) continue;
      await retireUnleased(tx, id, `template ${cloud}/${template} is not configured any more`);
    }
  });
}
