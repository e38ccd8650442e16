import type { Hold } from '#controller/api';

/** The command lines that lead onto the node, the one that always works first; none for a hold that nobody gets into. */
export function accessLines({ id, state, admitted, access: { bastion, direct } }: Hold): string[] {
  if (state !== 'held' || !admitted) return [];
  return [`footman hold shell ${id}`, ...(bastion === null ? [] : [bastion]), ...direct];
}
