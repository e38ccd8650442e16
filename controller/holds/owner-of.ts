import type { Build } from '#controller/store';

/** Whose a hold is that a pipeline asks for: whoever started the build, or whose commit it is of. */
export function ownerOf({ trigger, pipeline }: Pick<Build, 'trigger' | 'pipeline'>): string {
  return trigger.actor ?? trigger.author ?? `pipeline ${pipeline}`;
}
