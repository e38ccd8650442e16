import { readFile } from 'node:fs/promises';
import { formatProblem, type Problem } from '#shared/document';
import { messageOf } from '#shared/errors';
import { parseModel } from '#simulator/model';
import { toJson, toTable } from '#simulator/report';
import { simulate, type Outcome } from '#simulator/run';
import { parseTrace, repeatTrace } from '#simulator/trace';
import { createWorkload } from '#simulator/workload';
import { readOptions, USAGE, type Options } from './options.ts';

const DAY_MS = 24 * 60 * 60_000;
const EXIT = { broken: 1, usage: 64, data: 65 };

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return EXIT.usage;
  }
  const { seed, days, repeat } = options;
  const [traceSource, modelSource] = await Promise.all([read(options.trace), read(options.model)]);
  if (traceSource === undefined || modelSource === undefined) return EXIT.data;
  const trace = parseTrace(traceSource, options.trace);
  const model = parseModel(modelSource, options.model);
  if (!trace.ok || !model.ok) return complain([trace, model]);

  const arrivals = repeatTrace(trace.trace, repeat).filter((at) => days === null || at < days * DAY_MS);
  const jobs = createWorkload(arrivals, model.model.jobs, seed);
  const outcomes: Outcome[] = [];
  for (const policy of options.policies) {
    outcomes.push(await simulate(policy, { model: model.model, jobs, seed }));
    if (!options.json) process.stderr.write(`${policy.name} `);
  }
  if (!options.json) process.stderr.write('\n');
  process.stdout.write(options.json ? toJson(outcomes) : toTable(outcomes));
  const broken = outcomes.flatMap(({ policy, violations }) =>
    violations.map((what) => `${policy}: ${what}\n`),
  );
  process.stderr.write(broken.join(''));
  return broken.length > 0 || outcomes.some(({ leaks }) => leaks > 0) ? EXIT.broken : 0;
}

/** Undefined when it can't be read; whoever named it is told. */
async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    process.stderr.write(`cannot read ${file}: ${messageOf(error)}\n`);
    return undefined;
  }
}

function complain(parsed: readonly ({ ok: true } | { ok: false; problems: Problem[] })[]): number {
  for (const each of parsed) {
    const problems = each.ok ? [] : each.problems;
    for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  }
  return EXIT.data;
}
