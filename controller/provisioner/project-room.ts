import type { Refusal } from '#controller/fleet';
import { atMaxNodes, type ProjectUsage } from '#controller/queue';
import type { OpenRequest } from './open-request.ts';

/** Counts the nodes of projects against their limits: those of its jobs, and those that are on their way to them. */
export interface ProjectRoom {
  refusal(request: OpenRequest): Refusal | null;
  take(request: OpenRequest): void;
}

export function createProjectRoom(usage: ProjectUsage): ProjectRoom {
  const taken = new Map(usage);

  return {
    refusal({ project }) {
      if (project === null || !atMaxNodes(project, taken)) return null;
      const reason = `project ${project.name} is at its limit of ${project.maxNodes} nodes`;
      return { code: 'project-quota', reason, until: null };
    },
    take({ project }) {
      const id = project?.id ?? null;
      taken.set(id, (taken.get(id) ?? 0) + 1);
    },
  };
}
