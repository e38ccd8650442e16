import { removeProject, updateProject, type Project } from '#controller/store';
import { lookAtProject } from '#controller/triggers';
import type { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { missingProject, requireProject } from './find.ts';
import { movesElsewhere, patchOf } from './rows.ts';
import type { ProjectChange } from './schema.ts';

/** @throws FootmanError `not-found`, `request-invalid` */
export async function changeProject(
  { store, journal, projects }: ApiDeps,
  name: string,
  change: z.output<typeof ProjectChange>,
): Promise<Project> {
  const patch = patchOf(change);
  const before = await requireProject(store.db, name);
  const after = await journal.commit(async (tx) => {
    const project = await updateProject(tx.db, before.id, patch);
    if (project === undefined) throw missingProject(name);
    await tx.record({ kind: 'project', data: { id: project.id, state: 'changed', name } });
    await lookAtProject(tx, project);
    return project;
  });
  if (movesElsewhere(before, after)) await projects.forget(after);
  return after;
}

/** Its builds stay, and so do secrets of its scope. @throws FootmanError `not-found` */
export async function dropProject({ store, journal, projects }: ApiDeps, name: string): Promise<Project> {
  const project = await requireProject(store.db, name);
  await journal.commit(async (tx) => {
    if (!(await removeProject(tx.db, project.id))) throw missingProject(name);
    await tx.record({ kind: 'project', data: { id: project.id, state: 'removed', name } });
  });
  await projects.forget(project);
  return project;
}
