import { posix } from 'node:path';
import { tryParseLabelExpression } from '#shared/labels';
import { duration } from '#shared/quantity';
import { z } from 'zod';
import { MAX_NAME_LENGTH, MAX_PATH_LENGTH } from './limits.ts';

/** Kinds of text that occur in several places of a pipeline. */

export const name = oneLine(MAX_NAME_LENGTH);

export const timeout = duration.refine(
  (milliseconds) => milliseconds > 0,
  'a timeout must be longer than 0s',
);

export const labelExpression = z.string().superRefine((source, context) => {
  // That is reported for the whole document, and no label either.
  if (source.includes('${{')) return;
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
export const directory = oneLine(MAX_PATH_LENGTH)
  .refine(staysInside, 'it leaves the workspace; write it relative to the workspace, without ".."')
  .refine((path) => !path.includes('\\'), 'write / between the parts of a path, not \\')
  .transform((path) => posix.normalize(`${path}/`).slice(0, -1))
  .transform((path) => (path === '.' ? undefined : path));

export const glob = oneLine(MAX_PATH_LENGTH)
  .refine((pattern) => !pattern.startsWith('/'), "a glob is relative to the workspace; it can't begin with /")
  .refine(
    (pattern) => !pattern.startsWith('!'),
    'to leave files out, list them under "exclude" without the !',
  )
  .refine(
    (pattern) => !/(?:^|[/{,(|])\.\.(?:$|[/},)|])/.test(pattern),
    'a glob can\'t leave the workspace with ".."',
  );

/** What git gets as an argument: with a dash in front, it would be an option. */
export const gitArgument = oneLine(MAX_PATH_LENGTH).refine(
  (text) => !text.startsWith('-'),
  "it can't begin with a dash",
);

function oneLine(longest: number) {
  return z
    .string()
    .max(longest)
    .refine((text) => text.trim() !== '', { error: "it can't be empty", abort: true })
    .refine((text) => !/[\r\n]/.test(text), { error: 'it must be on one line', abort: true });
}

function staysInside(path: string): boolean {
  return !posix.isAbsolute(path) && !/^\.\.(?:\/|$)/.test(posix.normalize(path));
}
