import type { OwnerColumns } from '#controller/store';
import type { ProjectShare } from './waiting.ts';

/** Whose job it is, of a row that says so; null for a build of no project, or of one that was removed. */
export function projectOf(row: OwnerColumns): ProjectShare | null {
  const { project_id: id, project_name: name, share, max_nodes: maxNodes } = row;
  return id === null || name === null ? null : { id, name, share: share ?? 1, maxNodes };
}
