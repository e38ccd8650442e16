import {
  evaluateTemplate,
  evaluateText,
  isTemplate,
  type Contexts,
  type EvaluateOptions,
} from '#shared/expressions';
import { FootmanError } from '#shared/errors';
import type { z } from 'zod';
import { MAX_NAME_LENGTH } from '../limits.ts';
import { timeout } from '../schema/fields.ts';
import type { Template } from '../template.ts';

/** Characters of a wrong value that are worth showing. */
const MAX_SHOWN = 80;

/** Turns the templates of one part into values that are as safe as if they had been written out. */
export interface Evaluator {
  /** For text that goes nowhere but into the environment or a script. */
  text(template: Template, field: string): string;
  /** For people only: whatever comes out is made into one line that is short enough, and `otherwise` stands for nothing. */
  label(template: Template, otherwise: string, field?: string): string;
  /** The text as the schema of its field takes it. */
  as<T>(schema: z.ZodType<T>, template: Template, field: string): T;
  flag(value: boolean | Template, field: string): boolean;
  /** In milliseconds. */
  duration(value: number | Template, field: string): number;
}

/** All of it throws FootmanError `expression-failed` with a sentence that names the field, or `HashNeeded`. */
export function createEvaluator(contexts: Contexts, options: EvaluateOptions = {}): Evaluator {
  return {
    text,
    label(template, otherwise, field = 'name') {
      const line = naming(field, () => evaluateText(template, contexts, options))
        .replaceAll(/[\s\0]+/g, ' ')
        .trim();
      if (line === '') return otherwise;
      return line.length > MAX_NAME_LENGTH ? `${line.slice(0, MAX_NAME_LENGTH - 1)}…` : line;
    },
    as: (schema, template, field) => take(schema, text(template, field), field),
    flag(value, field) {
      if (typeof value === 'boolean') return value;
      const result = naming(field, () => evaluateTemplate(value.trim(), contexts, options));
      if (typeof result === 'boolean') return result;
      if (result === 'true' || result === 'false') return result === 'true';
      throw failed(field, `must be true or false, and is ${shown(result)}`);
    },
    duration: (value, field) =>
      typeof value === 'number' ? value : take(timeout, text(value.trim(), field), field),
  };

  function text(template: Template, field: string): string {
    const result = naming(field, () => evaluateText(template, contexts, options));
    if (result.includes('\0')) throw failed(field, 'has a NUL byte, which no program can be given');
    return result;
  }
}

/** Does the work; when an expression in it fails, the sentence says in which field that was. */
export function naming<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof FootmanError) || thrown.code !== 'expression-failed') throw thrown;
    const { message, hint } = thrown;
    throw new FootmanError('expression-failed', `${field}: ${message}`, hint === undefined ? {} : { hint });
  }
}

function take<T>(schema: z.ZodType<T>, text: string, field: string): T {
  // A field's checks leave templates alone, and this is not one: it only looks like it.
  if (isTemplate(text)) throw failed(field, `is ${shown(text)}, which was not written in the pipeline`);
  const taken = schema.safeParse(text);
  if (taken.success) return taken.data;
  throw failed(field, `is ${shown(text)}: ${taken.error.issues[0]?.message ?? 'it does not fit'}`);
}

function failed(field: string, message: string): FootmanError {
  return new FootmanError('expression-failed', `${field} ${message}`);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
