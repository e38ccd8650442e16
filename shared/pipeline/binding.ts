import { evaluateTemplate, type Contexts, type Value } from '#shared/expressions';
import { takeParameter } from './parameters.ts';
import type { Binding } from './pipeline.ts';

/**
 * The contexts as a part of a template sees them: `parameters` is what its caller gave it, evaluated where the caller stands.
 *
 * @throws FootmanError `expression-failed`
 */
export function bind(contexts: Contexts, binding: Binding | undefined): Contexts {
  if (binding === undefined) return contexts;
  const outside = bind(contexts, binding.outer);
  const parameters: Record<string, Value> = {};
  for (const [name, parameter] of Object.entries(binding.parameters)) {
    const given = Object.hasOwn(binding.values, name) ? binding.values[name] : parameter.default;
    const value = typeof given === 'string' ? evaluateTemplate(given, outside) : given;
    parameters[name] = takeParameter(name, parameter, value);
  }
  return { ...contexts, parameters };
}
