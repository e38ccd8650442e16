import { z } from 'zod';
import { parseDocument, type Document } from '#shared/document';
import { FootmanError } from '#shared/errors';
import { checkParameters, type Pipeline } from '#shared/pipeline';
import type { Context } from '../context.ts';
import { readPipelineFile } from './pipeline-file.ts';
import { formatProblems } from './problems.ts';

/** Values as they were written, by name; what types they are of is the pipeline's to say. */
export type Given = Record<string, string>;

/** Values of the types that the pipeline says. */
export type Values = Record<string, string | number | boolean>;

export interface ParameterOptions {
  /** `name=value` each. */
  parameter?: string[];
  /** YAML; values on the command line win over it. */
  parametersFile?: string;
}

const parametersFile = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/**
 * The parameters that the command line gives. Undefined where the file has mistakes, which were told.
 *
 * @throws FootmanError `request-invalid` for what is no `name=value`, `not-found` for a file that can't be read.
 */
export async function readParameters(
  context: Context,
  { parameter = [], parametersFile: name }: ParameterOptions,
): Promise<Given | undefined> {
  const fromFile = name === undefined ? {} : await readFile(context, name);
  return fromFile && { ...fromFile, ...Object.fromEntries(parameter.map(toPair)) };
}

/** Every parameter's value. A build would refuse wrong ones as well, but only after its source was sent. @throws FootmanError `request-invalid` with everything that is wrong */
export function valuesOf({ on }: Pipeline, given: Given): Values {
  const checked = checkParameters(on.parameters, given);
  if (checked.ok) return checked.values;
  const sentences = checked.problems.map(
    ({ message, hint }) => `${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
  throw new FootmanError('request-invalid', sentences.join('; '));
}

async function readFile({ err, errStyle: style }: Context, name: string): Promise<Given | undefined> {
  const { source, name: file } = await readPipelineFile(name);
  const parsed = parseDocument({ source, file, schema: parametersFile });
  if (parsed.ok) return asWritten(parsed.value, parsed.document);
  const options = err.isTerminal ? { style, textOf: () => source } : { style };
  await err.write(formatProblems(parsed.problems, options));
  return undefined;
}

/** A version 1.10 is no number that has lost its zero. */
function asWritten(values: z.infer<typeof parametersFile>, { textOf }: Document): Given {
  const pairs = Object.entries(values).map(([name, value]) => [name, textOf([name]) ?? String(value)]);
  return Object.fromEntries(pairs) as Given;
}

function toPair(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new FootmanError('request-invalid', `${text} gives no parameter a value`, {
    hint: 'write -p name=value',
  });
}
