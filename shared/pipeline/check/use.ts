import type { Path, Report } from '#shared/document';
import { isTemplate } from '#shared/expressions';
import { nearest } from '#shared/nearest';
import { type Draft, entries, entry, isMapping, isScalar } from '../draft.ts';
import { MAX_USES_DEPTH } from '../limits.ts';
import { readUses } from '../templates/uses.ts';
import type { Workshop } from './workshop.ts';

/** With more names than this, their list helps nobody. */
const MOST_LISTED = 10;

/** Where a template is used, and what kind is wanted there. */
export interface Use {
  /** The job or the step. */
  user: Draft;
  kind: 'job' | 'steps';
}

/** That the template is there and takes what it is given. Its own mistakes are told in its own file. */
export function checkUse({ user, kind }: Use, { library, expansions, report }: Workshop): void {
  const { path, value } = entry(user, 'uses');
  if (typeof value !== 'string' || isTemplate(value) || value.trim() === '') return;
  const uses = readUses(value);
  if (!uses.ok) {
    report(path, uses.message, { hint: uses.hint, ...(uses.index !== undefined && { index: uses.index }) });
    return;
  }
  const file = library.file(uses.path);
  const refusal = library.refusal(uses.path);
  if (refusal !== undefined) report(path, refusal.message, { hint: refusal.hint });
  // The file tells its own mistakes.
  if (file?.document === undefined) return;
  const template = file.templates.get(uses.template);
  if (template === undefined) {
    report(path, `${uses.path} has no template ${JSON.stringify(uses.template)}`, {
      index: value.indexOf('#') + 1,
      hint: hintFor(uses.template, [...file.templates.keys()]),
    });
    return;
  }
  const { depth } = expansions.of(value);
  if (depth > MAX_USES_DEPTH) {
    const hint = `at most ${MAX_USES_DEPTH} are allowed`;
    report(path, `${depth} templates are inside one another here`, { hint });
  }
  checkKind(template, kind, path, report);
  checkGiven(user, entry(template, 'parameters'), report);
}

function checkKind(template: Draft, kind: Use['kind'], path: Path, report: Report): void {
  if (!isMapping(template.value) || Object.hasOwn(template.value, kind)) return;
  if (kind === 'job' && Object.hasOwn(template.value, 'steps')) {
    report(path, 'this template is a list of steps, not a job', {
      hint: 'use it among the "steps" of a job',
    });
  }
  if (kind === 'steps' && Object.hasOwn(template.value, 'job')) {
    report(path, 'this template is a job, not a list of steps', {
      hint: 'use it as a job of its own, under "jobs"',
    });
  }
}

/** That `with` gives what the template wants, and nothing else. */
function checkGiven(user: Draft, parameters: Draft, report: Report): void {
  const declared = entries(parameters);
  const given = entry(user, 'with');
  for (const [name, { path, value }] of entries(given)) {
    const parameter = declared.get(name);
    if (parameter === undefined) {
      const hint = hintFor(name, [...declared.keys()], 'the template has no parameters');
      report(path, `the template has no parameter ${JSON.stringify(name)}`, { at: 'key', hint });
      continue;
    }
    checkValue({ path, value }, parameter.value, report);
  }
  for (const [name, { value }] of declared) {
    if (!isRequired(value) || entries(given).has(name)) continue;
    const hint = `write it under "with": ${name}: …`;
    report(entry(user, 'uses').path, `the template needs the parameter ${JSON.stringify(name)}`, { hint });
  }
}

/** An expression has a value, and so a type, at run time only. */
function checkValue({ path, value }: Draft, parameter: unknown, report: Report): void {
  if (typeof value === 'string' && isTemplate(value)) return;
  if (!isScalar(value)) return;
  const { type, options } = describeParameter(parameter);
  if ((type === 'number' || type === 'boolean') && typeof value !== type) {
    const wanted = type === 'number' ? 'a number' : 'true or false';
    report(path, `the template takes ${wanted} here, not ${JSON.stringify(value)}`, {
      hint: typeof value === 'string' ? 'write it without quotes' : undefined,
    });
  }
  if (options.length === 0 || options.includes(String(value))) return;
  report(path, `${JSON.stringify(value)} is none of the values that the template takes here`, {
    hint: hintFor(String(value), options),
  });
}

/** Of a parameter that may be wrong in any way; its type as `toParameter` tells it. */
function describeParameter(parameter: unknown): { type: unknown; options: string[] } {
  if (!isMapping(parameter)) return { type: typeof parameter, options: [] };
  const { type, default: fallback, options } = parameter;
  return {
    type: type ?? (options === undefined ? typeof fallback : 'choice'),
    options: Array.isArray(options) ? options.map(String) : [],
  };
}

function isRequired(parameter: unknown): boolean {
  return parameter === null || (isMapping(parameter) && !Object.hasOwn(parameter, 'default'));
}

function hintFor(wanted: string, known: string[], none = 'there are none'): string {
  const [meant] = nearest(wanted, known, 1);
  if (meant !== undefined) return `did you mean ${JSON.stringify(meant)}?`;
  return known.length === 0 ? none : `there are: ${known.slice(0, MOST_LISTED).join(', ')}`;
}
