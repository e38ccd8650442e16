import type { Build } from '#controller/store';

/** Whose entries a build may restore, the nearest first, and under whom it saves its own. */
export interface Scopes {
  restore: string[];
  save: string;
}

/**
 * Trusted builds share the entries of their project; without a project, those of their pipeline. What comes from a fork or is a pull
 * request reads them too, and saves where nobody but the same pull request looks: it can't put anything under others' keys.
 */
export function scopesOf(build: Build): Scopes {
  const shared = sharedScope(build);
  const number = build.trigger.pullRequest?.number;
  if (build.trust === 'trusted' && build.trigger.event !== 'pull-request' && number === undefined)
    return { restore: [shared], save: shared };
  const own = number === undefined ? `${shared}#build-${build.id}` : `${shared}#pr-${number}`;
  return { restore: [own, shared], save: own };
}

/** A name is encoded, so that none has a `#`. */
function sharedScope({ project_id: project, pipeline }: Build): string {
  return project === null ? `pipeline:${encodeURIComponent(pipeline)}` : `project:${project}`;
}
