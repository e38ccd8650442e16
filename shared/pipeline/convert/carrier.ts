import { referencesIn } from '#shared/expressions';
import { CARRIED_PREFIX } from '../names.ts';
import type { Binding, Template } from '../template.ts';

/**
 * In a job that came from a template, `parameters` means the template's own. What whoever uses the template says about the job beside it
 * (`env`, `timeout`, `matrix`…) means other parameters by that word: such texts travel into the job as further parameters of the
 * template, whose names nobody can write.
 */
export interface Carrier {
  text(key: string, template: Template): Template;
  /** For a template whose value is not a text. */
  value(key: string, template: Template): Template;
  /** The job's binding, with everything that was carried so far. */
  binding(): Binding | undefined;
}

/** From where `caller` is what `parameters` means to where `binding` is. */
export function createCarrier(binding: Binding | undefined, caller: Binding | undefined): Carrier {
  const carried = new Map<string, Template>();

  return {
    text(key, template) {
      if (!needsCarrying(template)) return template;
      carried.set(nameOf(key), template);
      return `\${{ ${read(key)} }}`;
    },
    value(key, template) {
      if (!needsCarrying(template)) return template;
      carried.set(nameOf(key), `\${{ toJSON(${template.trim().slice(3, -2)}) }}`);
      return `\${{ fromJSON(${read(key)}) }}`;
    },
    binding: () => (carried.size === 0 ? binding : extend(binding)),
  };

  function needsCarrying(template: Template): boolean {
    if (binding === caller) return false;
    return referencesIn(template, 'template').some(({ path }) => path[0] === 'parameters');
  }

  /** With several templates inside one another, from each to the next. */
  function extend(inner: Binding | undefined): Binding | undefined {
    if (inner === undefined || inner === caller) return inner;
    const outer = extend(inner.outer);
    const parameters = [...carried.keys()].map((name) => [name, { type: 'string' }] as const);
    const values = [...carried].map(
      ([name, text]) => [name, inner.outer === caller ? text : `\${{ parameters['${name}'] }}`] as const,
    );
    return {
      parameters: { ...inner.parameters, ...Object.fromEntries(parameters) },
      values: { ...inner.values, ...Object.fromEntries(values) },
      ...(outer !== undefined && { outer }),
    };
  }
}

function nameOf(key: string): string {
  return `${CARRIED_PREFIX}${key}`;
}

function read(key: string): string {
  return `parameters['${nameOf(key)}']`;
}
