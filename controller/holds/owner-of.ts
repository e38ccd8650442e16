import type { Build } from '#controller/store';

/** Whose a hold is that a pipeline asks for: whoever started the build. Never the author of a commit, who is whoever it says. */
export function ownerOf({ trigger, pipeline }: Pick<Build, 'trigger' | 'pipeline'>): string {
  return trigger.actor ?? `pipeline ${pipeline}`;
}
