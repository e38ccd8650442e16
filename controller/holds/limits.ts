import type { HoldSettings } from '#controller/config';
import type { Hold } from '#controller/store';

/** Whose one more hold would be, and of what; a job that waits has no template yet. */
interface OneMore {
  owner: string;
  cloud?: string;
  template?: string;
}

/** Why one more would be too many, to follow "because"; null where there is room. Those that the keeper has not looked at do not count. */
export function whyTooMany(
  live: readonly Hold[],
  { owner, cloud, template }: OneMore,
  { perUser, perTemplate }: Pick<HoldSettings, 'perUser' | 'perTemplate'>,
): string | null {
  const admitted = live.filter((hold) => hold.admitted === 1);
  const own = admitted.filter((hold) => hold.owner === owner).length;
  if (own >= perUser) return `${owner} has ${count(own)}, and nobody may have more`;
  const there = admitted.filter((hold) => hold.cloud === cloud && hold.template === template).length;
  if (there >= perTemplate)
    return `template ${cloud}/${template} has ${count(there)}, and none may have more`;
  return null;
}

function count(nodes: number): string {
  return nodes === 1 ? '1 held node' : `${nodes} held nodes`;
}
