import type { Artifact } from '#controller/api';

/** Whether nothing more will come of it. */
export function isOver({ state }: Pick<Artifact, 'state'>): boolean {
  return state !== 'pending' && state !== 'collecting' && state !== 'waiting';
}
