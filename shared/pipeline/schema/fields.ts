import { posix } from 'node:path';
import { isTemplate } from '#shared/expressions';
import { tryParseLabelExpression } from '#shared/labels';
import { duration } from '#shared/quantity';
import { z } from 'zod';
import * as limits from '../limits.ts';
import { STREAM_NAME } from '../names.ts';

/**
 * Kinds of text that occur in several places of a pipeline. What looks at the text leaves templates alone: they are looked at again once
 * they are evaluated. What no template may stand in is `plain`.
 */

export const name = oneLine(limits.MAX_NAME_LENGTH);

export const plainName = plainLine(limits.MAX_NAME_LENGTH);

/** For editors. */
const TEMPLATE = /\$\{\{/;
const EXPRESSION = /^\s*\$\{\{[\s\S]*\}\}\s*$/;

export const flag = z.union([z.boolean(), expressionOr('true, false')]);

export const condition = z.union([z.boolean(), filled(z.string().max(limits.MAX_CONDITION_LENGTH))]);

export const timeout = duration.refine(
  (milliseconds) => milliseconds > 0,
  'a timeout must be longer than 0s',
);

const template = z.string().max(limits.MAX_VALUE_LENGTH).refine(isTemplate, { abort: true });

export const timeoutTemplate = z.union([timeout, template.meta({ pattern: TEMPLATE.source })], {
  error: ({ input }) => (typeof input === 'string' ? undefined : complaint(timeout, input)),
});

export const labelExpression = z.string().superRefine((source, context) => {
  if (isTemplate(source)) return;
  const parsed = tryParseLabelExpression(source);
  if (parsed.ok) return;
  const { message, hint, offset } = parsed.problem;
  context.addIssue({
    code: 'custom',
    message: `label expression: ${message}`,
    params: { hint, index: offset },
  });
});

/** A directory inside the workspace. `./a/` is read as `a`, and the workspace itself as nothing. */
export const directory = oneLine(limits.MAX_PATH_LENGTH)
  .refine(
    unlessTemplate(staysInside),
    'it leaves the workspace; write it relative to the workspace, without ".."',
  )
  .refine(
    unlessTemplate((path) => !path.includes('\\')),
    'write / between the parts of a path, not \\',
  )
  .transform((path) => (isTemplate(path) ? path : posix.normalize(`${path}/`).slice(0, -1)))
  .transform((path) => (path === '.' ? undefined : path));

export const glob = oneLine(limits.MAX_PATH_LENGTH)
  .refine((pattern) => !pattern.startsWith('/'), "a glob is relative to the workspace; it can't begin with /")
  .refine(
    (pattern) => !pattern.startsWith('!'),
    'to leave files out, list them under "exclude" without the !',
  )
  .refine(
    unlessTemplate((pattern) => !/(?:^|[/{,(|])\.\.(?:$|[/},)|])/.test(pattern)),
    'a glob can\'t leave the workspace with ".."',
  );

/** A path of a cache: inside the workspace, or below the home directory. */
export const cachePath = oneLine(limits.MAX_PATH_LENGTH)
  .refine(
    unlessTemplate((path) => staysInside(path.replace(/^~\//, ''))),
    'write it relative to the workspace, or below the home directory with ~/, without ".."',
  )
  .refine((path) => path !== '~' && path !== '~/', "the whole home directory can't be cached");

/** What git gets as an argument: with a dash in front, it would be an option. */
export const gitArgument = oneLine(limits.MAX_PATH_LENGTH).refine(
  (text) => !text.startsWith('-'),
  "it can't begin with a dash",
);

/** A name of a stream of images that a person gives. */
export const streamName = oneLine(limits.MAX_NAME_LENGTH).refine(
  unlessTemplate((text) => STREAM_NAME.test(text)),
  'a stream\'s name has lower-case letters, digits, "-", "_" and "." only, at most 64, and begins with a letter or a digit',
);

export const cacheKey = oneLine(limits.MAX_CACHE_KEY_LENGTH);

/** One `${{ }}` and nothing else, so that its value keeps its type; `others` may stand there, too. */
export function expressionOr(others: string) {
  const error = `it must be ${others} or one expression, \${{ }}, and nothing else`;
  return z
    .string()
    .max(limits.MAX_VALUE_LENGTH)
    .refine(isExpression, { error, abort: true })
    .meta({ pattern: EXPRESSION.source });
}

/** Text on one line that may hold expressions. */
export function oneLine(longest: number) {
  return filled(z.string().max(longest)).refine((text) => !/[\r\n]/.test(text), {
    error: 'it must be on one line',
    abort: true,
  });
}

/** Text on one line in which nothing is evaluated. */
export function plainLine(longest: number) {
  return plain(oneLine(longest));
}

export function plain<S extends z.ZodType<string>>(schema: S): S {
  return schema.superRefine((text, context) => {
    const index = text.indexOf('${{');
    if (index === -1) return;
    const hint = 'this is read before anything is evaluated: write the value out';
    context.addIssue({
      code: 'custom',
      message: "an expression can't stand here",
      params: { index, hint },
      continue: false,
    });
  });
}

function filled(schema: z.ZodString) {
  return schema.refine((text) => text.trim() !== '', { error: "it can't be empty", abort: true });
}

/** One `${{ }}` and nothing else. */
export function isExpression(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.startsWith('${{') && trimmed.endsWith('}}') && !trimmed.includes('${{', 3);
}

function unlessTemplate(test: (text: string) => boolean): (text: string) => boolean {
  return (text) => isTemplate(text) || test(text);
}

function staysInside(path: string): boolean {
  return !posix.isAbsolute(path) && !/^\.\.(?:\/|$)/.test(posix.normalize(path));
}

/** What the schema says first against the value. */
export function complaint(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}
