import type { Change } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { allTemplateLabels } from '#controller/store';
import type { Ground } from './ground.ts';

/** From now on the fleet knows what nodes of its templates told, in earlier lives of the controller, too. Returns the way out. */
export async function learnLabels({ store, journal }: Ground, fleet: Fleet): Promise<() => void> {
  for (const row of await allTemplateLabels(store.db)) fleet.learn(row);
  return journal.subscribe((changes) => {
    for (const change of changes) if (change.kind === 'template') fleet.learn(lessonOf(change));
  });
}

/** As the gateway writes it. */
function lessonOf({ data }: Change) {
  const labels = Array.isArray(data['labels']) ? data['labels'].map(String) : [];
  const [cloud, template, digest] = [data['cloud'], data['template'], data['digest']].map(String);
  return { cloud: cloud ?? '', template: template ?? '', digest: digest ?? '', labels };
}
