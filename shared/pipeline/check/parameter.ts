import type { Report } from '#shared/document';
import { checkParameterNames } from './names.ts';
import { type Draft, entries, entry, isMapping, isScalar, items } from '../draft.ts';

const KINDS: Readonly<Record<string, string>> = { number: 'a number', boolean: 'true or false' };

/** That what each parameter says of itself fits together. */
export function checkDeclarations(parameters: Draft, report: Report): void {
  checkParameterNames(parameters, report);
  for (const parameter of entries(parameters).values()) checkDeclaration(parameter, report);
}

function checkDeclaration(parameter: Draft, report: Report): void {
  if (!isMapping(parameter.value)) return;
  const { value: type } = entry(parameter, 'type');
  const options = entry(parameter, 'options');
  const hasOptions = options.value !== undefined;
  if (type === 'choice' && !hasOptions) {
    report(parameter.path, 'a choice needs "options"', { hint: 'list the values that it has' });
  }
  if (hasOptions && type !== undefined && type !== 'choice') {
    report(options.path, '"options" are for parameters of type choice only', {
      at: 'key',
      hint: 'write type: choice, or take one of both away',
    });
  }
  checkOptions(options, report);
  checkDefault(entry(parameter, 'default'), type, options, report);
}

function checkOptions(options: Draft, report: Report): void {
  const seen = new Set<string>();
  for (const { path, value } of items(options)) {
    if (seen.has(String(value))) report(path, `the option ${JSON.stringify(value)} is here twice`);
    seen.add(String(value));
  }
}

function checkDefault({ path, value }: Draft, type: unknown, options: Draft, report: Report): void {
  if (!isScalar(value)) return;
  const kind = typeof type === 'string' && Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind !== undefined && typeof value !== type) {
    report(path, `the default of a ${String(type)} must be ${kind}`, { hint: 'write it without quotes' });
  }
  const choices = items(options).map((option) => String(option.value));
  if (choices.length === 0 || choices.includes(String(value))) return;
  report(path, `the default ${JSON.stringify(value)} is none of the options`, {
    hint: `the options: ${choices.join(', ')}`,
  });
}
