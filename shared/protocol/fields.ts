import * as z from 'zod/mini';
import { MAX_OUTPUTS, MAX_OUTPUT_LENGTH, MAX_PATH_LENGTH } from './limits.ts';

export const Id = z.string().check(z.regex(/^[a-z0-9-]{1,64}$/));
export const Token = z.string().check(z.minLength(1), z.maxLength(4096));
export const Text = z.string().check(z.maxLength(4096));
export const Time = z.int().check(z.nonnegative());
export const Count = z.int().check(z.nonnegative());
export const Name = z.string().check(z.minLength(1), z.maxLength(256));

/** A path within the workspace: relative, with `/`, without `.` and `..` parts, NUL or backslash. */
export const RelativePath = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(MAX_PATH_LENGTH),
    z.refine(isSafeRelativePath, 'must stay inside the workspace'),
  );

export const Sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** Where a symbolic link of an artifact leads: relative to its own folder. Whoever writes it out checks that it stays inside. */
export const LinkTarget = z
  .string()
  .check(z.minLength(1), z.maxLength(MAX_PATH_LENGTH), z.refine(isRelativeTarget, 'must be relative'));

export const Outputs = z
  .record(
    z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_-]{0,255}$/)),
    z.string().check(z.maxLength(MAX_OUTPUT_LENGTH)),
  )
  .check(z.refine((outputs) => Object.keys(outputs).length <= MAX_OUTPUTS, `at most ${MAX_OUTPUTS} outputs`));

export const Variables = z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)), z.string());

/**
 * A presigned request: whoever holds it may make it, and nothing else. A path is relative to the controller's own endpoint. `relay` is such a
 * path, for the same through the controller: for a node from which the storage can't be reached.
 */
export const PresignedRequest = z.strictObject({
  method: z.enum(['GET', 'PUT']),
  url: z.string().check(z.maxLength(4096)),
  headers: z.record(z.string(), z.string()),
  relay: z.optional(z.string().check(z.maxLength(4096))),
});
export type PresignedRequest = z.infer<typeof PresignedRequest>;

function isRelativeTarget(target: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\0\\]/.test(target) && !target.startsWith('/');
}

function isSafeRelativePath(path: string): boolean {
  // eslint-disable-next-line no-control-regex
  if (/[\0\\]/.test(path) || path.startsWith('/')) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
