import { FootmanError } from '#shared/errors';
import { referencesIn, type Contexts } from '#shared/expressions';
import { bind, valuesRead } from './binding.ts';
import { createEvaluator, type Evaluator } from './evaluated.ts';
import { labelExpression } from '../schema/fields.ts';
import { expandMatrix, templatesOf, type Cell } from './matrix.ts';
import type { Job, Matrix } from '../pipeline.ts';
import type { Binding, Env, Template } from '../template.ts';
import { resolveEnv } from './env.ts';

/** What expressions can read before a build runs. */
export interface Foreknown {
  /** Every context of which something is known; `parameters` are those of the build. */
  contexts: Contexts;
  /** The variables that `contexts` has. */
  env: Record<string, string>;
  /** Variables whose values only a build can tell. */
  unknownEnv: ReadonlySet<string>;
  /** What `parameters` means. */
  binding?: Binding | undefined;
}

export interface PlannedFields {
  name: string;
  runsOn: string;
  timeout: number | string;
  /** Those of them that only a build can tell; they stay as they are written. */
  later: string[];
}

/** Adds variables: those that can be evaluated already, and the names of the others. */
export function withEnv(known: Foreknown, env: Env): Foreknown {
  const values = { ...known.env };
  const unknownEnv = new Set(known.unknownEnv);
  for (const [name, template] of Object.entries(env)) {
    const value = attempt(known, template, (contexts) => resolveEnv({ [name]: template }, contexts));
    if (value === undefined) unknownEnv.add(name);
    else unknownEnv.delete(name);
    values[name] = value?.[name] ?? '';
  }
  return { ...known, contexts: { ...known.contexts, env: values }, env: values, unknownEnv };
}

export function planFields(job: Job, outside: Foreknown): PlannedFields {
  const known = withEnv({ ...outside, binding: job.binding }, job.env);
  const later: string[] = [];

  function field<T>(key: string, written: T, read: (evaluator: Evaluator) => T): T {
    const template = typeof written === 'string' ? written : '';
    const value = attempt(known, template, (contexts) => read(createEvaluator(contexts)));
    if (value === undefined) later.push(key);
    return value ?? written;
  }

  return {
    name: field('name', job.name, ({ label }) => label(job.name, job.id)),
    runsOn: field('runs-on', job.runsOn, ({ as }) => as(labelExpression, job.runsOn, 'runs-on')),
    timeout: field('timeout', job.timeoutMs, ({ duration }) => duration(job.timeoutMs, 'timeout')),
    later,
  };
}

/** Undefined where only a build can tell. A matrix knows the build's parameters alone, in a template's job too. */
export function planCells(matrix: Matrix, known: Foreknown): Cell[] | undefined {
  const isKnown = areForeknown(known, templatesOf(matrix));
  return isKnown ? tried(() => expandMatrix(matrix, known.contexts)) : undefined;
}

function attempt<T>(known: Foreknown, template: Template, work: (contexts: Contexts) => T): T | undefined {
  if (!areForeknown(known, [template])) return undefined;
  return tried(() => work(bind(known.contexts, known.binding, [template])));
}

/** What fails now may do better in a build. */
function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof FootmanError && error.code === 'expression-failed') return undefined;
    throw error;
  }
}

/** Whether the templates read nothing that only a build can tell. */
function areForeknown(known: Foreknown, templates: readonly Template[]): boolean {
  const { contexts, unknownEnv, binding } = known;
  const references = templates.flatMap((template) => referencesIn(template, 'template'));
  const isKnownHere = references.every(({ path: [context = '', name = '*'] }) => {
    if (context === 'env') return name === '*' ? unknownEnv.size === 0 : !unknownEnv.has(name);
    return (context === 'parameters' && binding !== undefined) || Object.hasOwn(contexts, context);
  });
  if (!isKnownHere || binding === undefined) return isKnownHere;
  // All values of one level at once: one by one, each level could multiply them.
  return areForeknown({ ...known, binding: binding.outer }, valuesRead(binding, templates));
}
