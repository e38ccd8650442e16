import type { BenchController } from '../controller/controller.ts';
import { processCloud } from '../pipelines.ts';
import type { Bench, Measurement, Row } from '../row.ts';
import { alternate, timed } from '../sampling.ts';

const MIB = 1024 * 1024;

/** Each is refused for what it would cost, so that must cost next to nothing. */
const HOSTILE = {
  'a billion laughs': billionLaughs(),
  'a file of 10 MiB': `# ${'x'.repeat(10 * MIB)}`,
  'a matrix of a million cells': millionCells(),
};

export const refusals = {
  number: 8,
  title: 'Hostile pipelines',
  explanation: `\`POST /builds\` with a pipeline that must be refused, until the answer with its mistakes is there. The floor is a
request with a pipeline of one wrong line.`,
  measure,
} satisfies Row;

async function measure({ quick, startController }: Bench): Promise<Measurement[]> {
  await using controller = await startController(processCloud());
  const rows: Measurement[] = [];
  for (const [name, pipeline] of Object.entries(HOSTILE)) {
    const { subject, floor } = await alternate(
      { warmUp: 1, samples: quick ? 2 : 7 },
      { subject: () => refuse(controller, pipeline), floor: () => refuse(controller, 'jobs: 1') },
    );
    const what = 'one wrong line';
    const target = { kind: 'below' as const, value: 1000 };
    rows.push({ name, unit: 'ms', subject, floor: { what, samples: floor }, target });
  }
  return rows;
}

function refuse({ client }: BenchController, pipeline: string): Promise<number> {
  return timed(async () => {
    const taken = await client.post('/builds', { file: 'hostile.yaml', pipeline }).catch(() => null);
    if (taken !== null) throw new Error('the controller took a hostile pipeline');
  });
}

function billionLaughs(): string {
  const levels = Array.from({ length: 10 }, (_, level) => {
    const items = level === 0 ? 'lol' : Array.from({ length: 10 }, () => `*l${level - 1}`).join(', ');
    return `l${level}: &l${level} [${items}]`;
  });
  return `${levels.join('\n')}\njobs: { a: { runs-on: x, steps: [{ run: x }] } }`;
}

function millionCells(): string {
  const axis = Array.from({ length: 100 }, (_, index) => index).join(', ');
  return `jobs: { a: { runs-on: x, matrix: { a: [${axis}], b: [${axis}], c: [${axis}] }, steps: [{ run: x }] } }`;
}
