/** The project of a job's build, as the queue sees it. All are null for a build of no project, or of one that was removed. */
export interface OwnerColumns {
  project_id: string | null;
  project_name: string | null;
  share: number | null;
  max_nodes: number | null;
}

/** For a statement that has joined `projects` to the build. */
export const OWNER_COLUMNS = [
  'projects.id as project_id',
  'projects.name as project_name',
  'projects.share',
  'projects.max_nodes',
] as const;
