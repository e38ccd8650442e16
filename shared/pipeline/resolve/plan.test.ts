import { expect, test } from 'vitest';
import { parsePipeline, planOf, type PlannedJob } from '#shared/pipeline';

const PIPELINE = `
on: { manual: { parameters: { os: debian, minutes: 5 } } }
env: { OS: "\${{ parameters.os }}", COMMIT: "\${{ build.commit }}" }
jobs:
  plan:
    name: Plan \${{ parameters.os }}
    runs-on: \${{ env.OS }} && vm
    timeout: \${{ parameters.minutes }}m
    outputs: { sizes: "[1]" }
    retry: 2
    steps:
      - name: first
        run: "true"
        env: { T: "\${{ secrets.TOKEN }}" }
    post: { failure: [{ name: last, run: "true" }] }
    artifacts: [{ paths: out }]
  cells:
    needs: plan
    if: \${{ always() }}
    matrix: { n: [1, 2], include: [{ n: 2, arch: arm }] }
    env: { ARCH: "\${{ matrix.arch || 'x86' }}" }
    runs-on: linux && \${{ env.ARCH }}
    steps: [{ run: "true" }]
    artifacts: [{ from: plan }, { paths: out }]
  later:
    needs: plan
    matrix: { n: "\${{ fromJSON(needs.plan.outputs.sizes) }}" }
    runs-on: linux && \${{ matrix.n }}
    steps: [{ run: "true" }]
  partly:
    needs: plan
    name: commit \${{ env.COMMIT }}
    runs-on: linux-\${{ needs.plan.outputs.sizes }}
    timeout: \${{ parameters.minutes }}h
    steps: [{ run: "true" }]
`;

test('a plan says what is known, and names what is not', () => {
  const jobs = plan({ os: 'alpine', minutes: 7 });
  expect(jobs.map(({ key, name, runsOn, timeout, later }) => [key, name, runsOn, timeout, later])).toEqual([
    ['plan', 'Plan alpine', 'alpine && vm', 420_000, []],
    ['cells (1)', 'cells (1)', 'linux && x86', 3_600_000, []],
    ['cells (2, arm)', 'cells (2, arm)', 'linux && arm', 3_600_000, []],
    ['later', 'later', 'linux && ${{ matrix.n }}', 3_600_000, ['matrix', 'runs-on']],
    [
      'partly',
      'commit ${{ env.COMMIT }}',
      'linux-${{ needs.plan.outputs.sizes }}',
      25_200_000,
      ['name', 'runs-on'],
    ],
  ]);
});

test('a plan has what a job needs, when it runs, its steps and its secrets', () => {
  const [first, cell] = plan({ os: 'debian', minutes: 5 });
  expect(first).toMatchObject({
    base: 'plan',
    needs: [],
    conditions: [],
    retry: { max: 2 },
    secrets: ['TOKEN'],
    steps: [
      { phase: 'main', name: 'first' },
      { phase: 'failure', name: 'last' },
      { phase: 'collect', name: 'store what the job leaves' },
    ],
  });
  expect(cell).toMatchObject({
    base: 'cells',
    needs: ['plan'],
    conditions: ['always()'],
    retry: null,
    secrets: [],
    steps: [
      { phase: 'main', name: 'take artifacts from plan' },
      { phase: 'main', name: 'true' },
      { phase: 'collect', name: 'store what the job leaves' },
    ],
  });
});

function plan(parameters: Record<string, string | number>): PlannedJob[] {
  const parsed = parsePipeline(PIPELINE, 'footman.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return planOf(parsed.pipeline, parameters).jobs;
}

test('a plan of templates that multiply what they are given is made at once', () => {
  const names = Array.from({ length: 10 }, (_, index) => `p${index}`);
  const all = names.map((name) => `\${{ parameters.${name} }}`).join('');
  const given = `with: { ${names.map((name) => `${name}: "${all}"`).join(', ')} }`;
  const templates = Array.from({ length: 7 }, (_, depth) => {
    const job =
      depth === 6
        ? `name: "${all}", runs-on: linux, steps: [{ run: make }]`
        : `uses: ./t.yaml#t${depth + 1}, ${given}`;
    return `  t${depth}: { parameters: { ${names.map((name) => `${name}: {}`).join(', ')} }, job: { ${job} } }\n`;
  });
  const parameters = names.map((name) => `${name}: { default: x }`).join(', ');
  const source = `on: { manual: { parameters: { ${parameters} } } }\njobs: { a: { uses: ./t.yaml#t0, ${given} } }`;
  const parsed = parsePipeline(source, 'ci.yaml', { include: () => `templates:\n${templates.join('')}` });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const values = Object.fromEntries(names.map((name) => [name, 'x']));
  expect(planOf(parsed.pipeline, values).jobs).toMatchObject([{ key: 'a' }]);
});
