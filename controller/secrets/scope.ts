import type { Build } from '#controller/store';
import { FootmanError } from '#shared/errors';

const MAX_SCOPE_LENGTH = 500;

const FORMS = [
  /^controller$/,
  // A slash ends the project's name before a pipeline's, so it is no part of it.
  /^project:[^/]+$/,
  /^pipeline:(?:[^/]+\/)?[^/].*$/,
];

/**
 * Who may use a secret: every build (`controller`), the builds of a project (`project:NAME`), or those of one pipeline (`pipeline:NAME`,
 * or `pipeline:PROJECT/NAME` where it belongs to a project).
 *
 * @throws FootmanError `request-invalid`
 */
export function checkScope(scope: string): void {
  const isLine = scope.length <= MAX_SCOPE_LENGTH && scope.isWellFormed() && !/[\p{Cc}]/u.test(scope);
  if (isLine && FORMS.some((form) => form.test(scope))) return;
  throw new FootmanError('request-invalid', 'that is no scope of a secret', {
    hint: 'a scope is controller, project:NAME, pipeline:NAME or pipeline:PROJECT/NAME',
  });
}

/** The scopes whose secrets the build may use, the nearest first. `project` is the name of its project; null also once that was removed. */
export function scopesOf({ pipeline, project_id: id }: Scoped, project: string | null): string[] {
  if (project !== null) return [`pipeline:${project}/${pipeline}`, `project:${project}`, 'controller'];
  // Neither the pipeline of a project that was removed, nor one with a slash in its name, is what such a scope means.
  return id !== null || pipeline.includes('/') ? ['controller'] : [`pipeline:${pipeline}`, 'controller'];
}

type Scoped = Pick<Build, 'pipeline' | 'project_id'>;
