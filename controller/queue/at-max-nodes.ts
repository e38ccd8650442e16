import type { ProjectShare, ProjectUsage } from './waiting.ts';

/** Whether the project has as many nodes as it may have. */
export function atMaxNodes(project: ProjectShare | null, usage: ProjectUsage): boolean {
  if (project === null || project.maxNodes === null) return false;
  return (usage.get(project.id) ?? 0) >= project.maxNodes;
}
