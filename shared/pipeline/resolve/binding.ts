import { evaluateTemplate, referencesIn, type Contexts, type Value } from '#shared/expressions';
import { naming } from './evaluated.ts';
import { takeParameter } from './parameters.ts';
import { CARRIED_PREFIX } from '../names.ts';
import type { Binding, Template } from '../template.ts';

/**
 * The contexts as a part of a template sees them: `parameters` is what its caller gave it, evaluated where the caller stands. With
 * `readers`, only the parameters that these templates read: others may not be known yet.
 *
 * @throws FootmanError `expression-failed`
 */
export function bind(
  contexts: Contexts,
  binding: Binding | undefined,
  readers?: readonly Template[],
): Contexts {
  if (binding === undefined) return contexts;
  const names = Object.keys(binding.parameters).filter(
    (name) => readers === undefined || isRead(name, readers),
  );
  const outside = bind(contexts, binding.outer, valuesOf(binding, names));
  const parameters = names.map((name): [string, Value] => [name, valueOf(name, binding, outside)]);
  return { ...contexts, parameters: Object.fromEntries(parameters) };
}

/** What the caller wrote for the parameters that the templates read. */
export function valuesRead(binding: Binding, readers: readonly Template[]): Template[] {
  return valuesOf(
    binding,
    Object.keys(binding.parameters).filter((name) => isRead(name, readers)),
  );
}

/** Whether one of the templates needs the context, itself or by a value that it reads. */
export function readsContext(
  context: keyof Contexts,
  templates: readonly Template[],
  binding: Binding | undefined,
): boolean {
  const reads = (template: Template): boolean =>
    referencesIn(template, 'template').some(({ path }) => path[0] === context);
  if (templates.some(reads)) return true;
  return binding !== undefined && readsContext(context, valuesRead(binding, templates), binding.outer);
}

function valuesOf({ values }: Binding, names: readonly string[]): Template[] {
  const given = names.map((name) => (Object.hasOwn(values, name) ? values[name] : undefined));
  return given.filter((value) => typeof value === 'string');
}

function valueOf(name: string, { parameters, values }: Binding, outside: Contexts): Value {
  const parameter = parameters[name];
  if (parameter === undefined) return null;
  // A default is written in the template, where there is nothing to evaluate it with.
  if (!Object.hasOwn(values, name)) return takeParameter(name, parameter, parameter.default);
  const given = values[name];
  const value =
    typeof given === 'string' ? naming(fieldOf(name), () => evaluateTemplate(given, outside)) : given;
  return takeParameter(name, parameter, value);
}

/** Where the caller wrote the value. */
function fieldOf(name: string): string {
  return name.startsWith(CARRIED_PREFIX) ? name.slice(CARRIED_PREFIX.length) : `with.${name}`;
}

function isRead(name: string, readers: readonly Template[]): boolean {
  const wanted = name.toLowerCase();
  return readers.some((template) =>
    referencesIn(template, 'template').some(
      ({ path: [context, read = '*'] }) =>
        context === 'parameters' && (read === '*' || read.toLowerCase() === wanted),
    ),
  );
}
