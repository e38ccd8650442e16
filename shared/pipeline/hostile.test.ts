import { describe, expect, test } from 'vitest';
import { MAX_STEPS } from './limits.ts';
import { parsePipeline } from './index.ts';

/** Sources that would cost more than they are worth, if anything but their size were looked at. */

const STEPS = 'steps: [{ run: make }]';
const MILLION = 1_000_000;

function messagesOf(source: string, include?: (path: string) => string | undefined): string[] {
  const parsed = parsePipeline(source, 'ci.yaml', include === undefined ? {} : { include });
  return parsed.ok ? [] : parsed.problems.map(({ message }) => message);
}

function uses(name: string): string {
  return `{ uses: ./t.yaml#${name} }`;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

describe('a source is refused that', () => {
  test('is larger than any pipeline', () => {
    expect(messagesOf(`# ${'x'.repeat(10 * 1024 * 1024)}`)).toEqual(['the file is larger than 1 MiB']);
  });

  test('has a million parameters', () => {
    const parameters = range(MILLION).map((index) => `p${index}: 1`);
    const source = `on: { manual: { parameters: { ${parameters.join(', ')} } } }`;
    expect(messagesOf(source)).toEqual(['the file is larger than 1 MiB']);
  });

  test('has as many parameters as fit into a file', () => {
    const parameters = range(20_000).map((index) => `p${index}: 1`);
    const source = `on: { manual: { parameters: { ${parameters.join(', ')} } } }\njobs: { a: { runs-on: x, ${STEPS} } }`;
    expect(messagesOf(source)).toEqual(['20000 parameters are too many']);
  });

  test('has a matrix of a million cells, and of more than a number can tell', () => {
    const axis = `[${range(100).join(', ')}]`;
    for (const axes of [3, 30]) {
      const matrix = range(axes).map((index) => `a${index}: ${axis}`);
      const source = `jobs: { a: { runs-on: x, ${STEPS}, matrix: { ${matrix.join(', ')} } } }`;
      expect(messagesOf(source)).toEqual([expect.stringMatching(/^the matrix has [\d,]+ cells$/)]);
    }
  });

  test('becomes too long by its aliases', () => {
    const script = 'x'.repeat(100_000);
    const steps = range(MAX_STEPS).map(() => '*step');
    const source = `jobs: { a: { runs-on: x, steps: [&step { run: ${script} }, ${steps.slice(1).join(', ')}] } }`;
    expect(messagesOf(source)).toEqual([expect.stringMatching(/^the pipeline is longer than 8 MiB once/)]);
  });

  test('becomes too long by its templates', () => {
    const template = `templates: { t: { steps: [{ run: ${'x'.repeat(100_000)} }] } }`;
    const jobs = range(200).map((index) => `j${index}: { runs-on: x, steps: [{ uses: ./t.yaml#t }] }`);
    expect(messagesOf(`jobs: { ${jobs.join(', ')} }`, () => template)).toEqual([
      expect.stringMatching(/^the pipeline is longer than 8 MiB once/),
    ]);
  });

  test('takes more artifacts than any job leaves', () => {
    const left = range(2000).map((index) => `{ name: n${index}, paths: a }`);
    const taken = range(2000).map((index) => `{ from: a, name: m${index} }`);
    const giver = `a: { runs-on: x, ${STEPS}, artifacts: [${left.join(', ')}] }`;
    const taker = `b: { runs-on: x, needs: a, ${STEPS}, artifacts: [${taken.join(', ')}] }`;
    const messages = messagesOf(`jobs: { ${giver}, ${taker} }`);
    expect(messages.filter((message) => message === '"artifacts" must have at most 64 items')).toHaveLength(
      2,
    );
    // Each of the others costs a look at all names.
    expect(messages).toHaveLength(2 + 64);
  });

  test('uses templates that use each other a million times', () => {
    const templates = range(7).map(
      (index) =>
        `t${index}: { steps: [${range(200)
          .map(() => uses(`t${index + 1}`))
          .join(', ')}] }`,
    );
    const file = `templates: { ${templates.join(', ')}, t7: { ${STEPS} } }`;
    const messages = messagesOf(`jobs: { a: { runs-on: x, steps: [${uses('t0')}] } }`, () => file);
    expect(messages).toContain('12,800,000,000,000,000 steps are too many');
  });

  test('uses a chain of templates, in one file or in many', () => {
    const chain = range(5000).map((index) => `t${index}: { steps: [{ uses: ./t.yaml#t${index + 1} }] }`);
    const job = 'jobs: { a: { runs-on: x, steps: [{ uses: ./t.yaml#t0 }] } }';
    expect(messagesOf(job, () => `templates: { ${chain.join(', ')} }`)).not.toEqual([]);

    const asked: string[] = [];
    const next = (path: string): string => {
      asked.push(path);
      return `templates: { t0: { steps: [{ uses: ./${asked.length}.yaml#t0 }] } }`;
    };
    expect(messagesOf(job, next)).not.toEqual([]);
    expect(asked.length).toBeLessThan(100);
  });
});
