import { createMeter, type Figures } from '#simulator/meter';
import type { Model } from '#simulator/model';
import { NO_POOL, type Policy } from '#simulator/policies';
import { createSite } from '#simulator/site';
import type { PlannedJob } from '#simulator/workload';
import { submitAll } from './submit.ts';

/** What a policy achieved in a world. */
export interface Outcome extends Figures {
  policy: string;
  /** Resources that are left after all pools were let go; there must be none. */
  leaks: number;
  /** Promises that were broken, as sentences; there must be none. */
  violations: readonly string[];
  /** What the simulation took on the machine, in milliseconds: the only figure that differs from run to run. */
  wallMs: number;
}

/** After the last job nodes have that long to go, in milliseconds. */
const PATIENCE_MS = 24 * 60 * 60_000;

/** Runs all jobs, then lets all pools go. What that takes is not counted: figures end with the last job. */
export async function simulate(
  policy: Policy,
  { model, jobs, seed }: { model: Model; jobs: readonly PlannedJob[]; seed: number },
): Promise<Outcome> {
  const began = performance.now();
  const site = createSite(model, seed, policy.pool);
  const { clock, world, clouds } = site;
  const costs = new Map(
    model.clouds.flatMap(({ name, templates }) =>
      templates.map((one) => [`${name}/${one.name}`, one.cost] as const),
    ),
  );
  const meter = createMeter(world, ({ cloud, template }) => costs.get(`${cloud}/${template}`) ?? 0);
  const driver = policy.start(site);
  site.driver = driver;
  const submission = submitAll(site, jobs);
  await clock.run(() => submission.isOver() && world.jobs.size === 0);
  const figures = meter.read();

  const latest = clock.now() + PATIENCE_MS;
  site.setPools(NO_POOL);
  await clock.run(() => world.nodes.size === 0 || clock.now() > latest);
  await driver.stop();
  const leaks = clouds.reduce((sum, { resources }) => sum + resources.size, 0);
  const wallMs = performance.now() - began;
  return { policy: policy.name, ...figures, leaks, violations: world.violations, wallMs };
}
