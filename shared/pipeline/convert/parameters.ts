import { defined } from './defined.ts';
import { inside, type Origin } from '../origin.ts';
import type { Parameter } from '../triggers.ts';
import type { ParameterSource, ParametersSource } from '../schema/parameters.ts';
import { toText } from './texts.ts';

export function toParameters(source: ParametersSource = {}, origin: Origin): Record<string, Parameter> {
  const parameters = Object.entries(source).map(
    ([name, parameter]) => [name, toParameter(parameter, inside(origin, name))] as const,
  );
  return Object.fromEntries(parameters);
}

function toParameter(source: ParameterSource, origin: Origin): Parameter {
  if (source === null) return { type: 'string' };
  if (typeof source !== 'object') return toParameter({ default: source }, { ...origin });
  const type = source.type ?? typeOf(source);
  const { description, options } = source;
  return {
    type,
    ...defined({
      description,
      default: toDefault(type, source.default, origin),
      options: options?.map((option, index) => toText(option, inside(origin, 'options', index))),
    }),
  };
}

/** Told from what is there. */
function typeOf(source: { default?: unknown; options?: unknown }): Parameter['type'] {
  if (source.options !== undefined) return 'choice';
  if (typeof source.default === 'number') return 'number';
  return typeof source.default === 'boolean' ? 'boolean' : 'string';
}

function toDefault(
  type: Parameter['type'],
  value: Parameter['default'],
  origin: Origin,
): Parameter['default'] {
  if (value === undefined || type === 'number' || type === 'boolean') return value;
  return toText(value, inside(origin, 'default'));
}
