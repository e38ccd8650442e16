import { Gauge } from 'prom-client';
import { countLiveByTemplate } from '#controller/store';
import type { ApiDeps } from '../deps.ts';

const LABELS = ['cloud', 'template'] as const;

/** What stands of each configured template at the moment of the scrape. */
export function gaugeTemplates({ store, fleet, breakers, pools, clock, metrics }: ApiDeps): void {
  const open = new Gauge({
    name: 'footman_breaker_open',
    help: '1 while launches of the template are held back because the last ones failed, 0.5 while a probe is let through.',
    labelNames: LABELS,
    registers: [metrics],
    collect() {
      open.reset();
      for (const template of fleet.templates()) {
        const { state } = breakers.state(template, clock.now());
        open.set(labelsOf(template), OPENNESS[state]);
      }
    },
  });

  const targets = new Gauge({
    name: 'footman_pool_target',
    help: 'Idle nodes that the template should have now.',
    labelNames: LABELS,
    registers: [metrics],
    collect() {
      targets.reset();
      for (const template of fleet.templates())
        targets.set(labelsOf(template), pools.target(template, clock.now()));
    },
  });

  const idle = new Gauge({
    name: 'footman_pool_idle',
    help: 'Nodes of the template that wait for a job.',
    labelNames: LABELS,
    registers: [metrics],
    async collect() {
      const counts = await countLiveByTemplate(store.db);
      idle.reset();
      for (const template of fleet.templates()) idle.set(labelsOf(template), 0);
      for (const { cloud, template, state, count } of counts)
        if (state === 'ready') idle.set({ cloud, template }, count);
    },
  });
}

const OPENNESS = { closed: 0, 'half-open': 0.5, open: 1 } as const;

function labelsOf({ cloud, name }: { cloud: string; name: string }): { cloud: string; template: string } {
  return { cloud, template: name };
}
