/** How a command line says whose secret it means. */
export interface ScopeOptions {
  scope?: string;
  project?: string;
  pipeline?: string;
}

/** The scope in the API's words; the controller's own where nothing is said. */
export function scopeOf({ scope, project, pipeline }: ScopeOptions): string {
  if (scope !== undefined) return scope;
  if (pipeline !== undefined) return `pipeline:${project === undefined ? '' : `${project}/`}${pipeline}`;
  return project === undefined ? 'controller' : `project:${project}`;
}
