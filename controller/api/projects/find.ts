import { findProjectByName, type Db, type Project } from '#controller/store';
import { FootmanError } from '#shared/errors';

/** @throws FootmanError `not-found` */
export async function requireProject(db: Db, name: string): Promise<Project> {
  const project = await findProjectByName(db, name);
  if (project === undefined) throw missingProject(name);
  return project;
}

export function missingProject(name: string): FootmanError {
  return new FootmanError('not-found', `there is no project ${name}`);
}
