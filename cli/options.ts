import { InvalidArgumentError, Option } from 'commander';

/** A whole number on the command line. */
export function toCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it must be a whole number.');
}

/** `-p name=value`, any number of times. */
export function parameterOption(): Option {
  return new Option('-p, --parameter <name=value>', 'a parameter of the pipeline; may be repeated').argParser(
    (text: string, before: string[] | undefined) => [...(before ?? []), text],
  );
}

export function parametersFileOption(): Option {
  return new Option('--parameters-file <file>', 'parameters as YAML: a mapping of names to values');
}
