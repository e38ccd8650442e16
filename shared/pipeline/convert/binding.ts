import { defined } from './defined.ts';
import type { Found } from '../templates/library.ts';
import { inside, type Origin } from '../origin.ts';
import type { Parameter } from '../triggers.ts';
import type { GivenSource } from '../schema/parameters.ts';
import { toParameters } from './parameters.ts';
import { toText } from './texts.ts';

type Scalar = string | number | boolean;

/** The template's origin, where `parameters` means what was given to it. `giver` is where the values are written. */
export function toBinding({ template, origin }: Found, given: GivenSource = {}, giver: Origin): Origin {
  const parameters = toParameters(template.parameters, inside(origin, 'parameters'));
  const values = Object.entries(given).map(
    ([name, value]) => [name, toValue(value, parameters[name], inside(giver, name))] as const,
  );
  return {
    ...origin,
    binding: { parameters, values: Object.fromEntries(values), ...defined({ outer: giver.binding }) },
  };
}

function toValue(value: Scalar, parameter: Parameter | undefined, origin: Origin): Scalar {
  const isText = parameter?.type === 'string' || parameter?.type === 'choice';
  return isText ? toText(value, origin) : value;
}
