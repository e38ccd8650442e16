import { DatabaseSync } from 'node:sqlite';
import { CROWD, makeCrowd } from '../planning/crowd.ts';
import type { Bench, Measurement, Row } from '../row.ts';
import { alternate, timed } from '../sampling.ts';

const COUNT = new Intl.NumberFormat('en');
const never = new AbortController().signal;

export const planning = {
  number: 10,
  title: 'Planning for many',
  explanation: `One pass of a control loop, in the bench's own process, over the rows of a store (SQLite) in which ${COUNT.format(CROWD.jobs)} jobs wait, each with a
request, and ${CROWD.nodes} nodes live: ${CROWD.clouds} clouds with four templates each, all at their quota, a quarter of the nodes idle with labels that none of
the jobs asks for. It finds that there is nothing to do, as most passes do. The floor is reading the nodes and the requests (the jobs, for the
scheduler) as they are, with node:sqlite alone.`,
  measure,
} satisfies Row;

/** The rows that each loop can't do without. */
const NODES = `select * from nodes where state <> 'deleted'`;
const READY = `${NODES} and state = 'ready'`;
const REQUESTS = `select * from node_requests where state in ('requested', 'pending')`;
const JOBS = `select id, build_id, runs_on, priority, rank, queued_at from jobs where state = 'queued'`;

async function measure({ quick, folder }: Bench): Promise<Measurement[]> {
  await using crowd = await makeCrowd(folder);
  using database = new DatabaseSync(crowd.file, { readOnly: true });
  const sampling = { warmUp: 5, samples: quick ? 10 : 40 };
  const loops = [
    { name: 'the provisioner', loop: crowd.provisioner, floor: [NODES, REQUESTS] },
    { name: 'the scheduler', loop: crowd.scheduler, floor: [READY, JOBS] },
  ];
  // Every job asks for its node, and hears why it gets none.
  await crowd.scheduler.run(never);
  await crowd.provisioner.run(never);

  const measurements: Measurement[] = [];
  for (const { name, loop, floor } of loops) {
    const statements = floor.map((text) => database.prepare(text));
    const { subject, floor: samples } = await alternate(sampling, {
      subject: () => timed(() => loop.run(never)),
      floor: () => timed(async () => statements.map((statement) => statement.all())),
    });
    measurements.push({
      name: `a pass of ${name}: ${COUNT.format(CROWD.jobs)} jobs wait, ${CROWD.nodes} nodes`,
      unit: 'ms',
      subject,
      floor: { what: 'reading the rows', samples },
      target: { kind: 'below', value: 50 },
    });
  }
  return measurements;
}
