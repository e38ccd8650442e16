import { findBuild, findProject, newId, putCommitStatus, type Db, type Project } from '#controller/store';
import { contextOf, describe, stateOf } from './wanted.ts';

/** Whether the project has a provider to tell and a token to tell it with. */
export function reports({ provider, token_secret: token }: Project): boolean {
  return provider !== 'git' && token !== null;
}

/** Notes what the provider is to be told of the build, if anything; doing it again does nothing more. */
export async function noteBuild(db: Db, buildId: string, at: number): Promise<void> {
  const build = await findBuild(db, buildId);
  if (build === undefined || build.project_id === null || build.source === null) return;
  // It makes an image for other builds, and these are told of.
  if (build.trigger.event === 'preparation') return;
  const project = await findProject(db, build.project_id);
  if (project === undefined || !reports(project)) return;
  await putCommitStatus(db, {
    id: newId(),
    project_id: project.id,
    sha: build.source.commit,
    context: contextOf(build.pipeline),
    build_id: build.id,
    number: build.number,
    wanted: stateOf(build),
    description: describe(build),
    told: null,
    failures: 0,
    problem: null,
    due_at: at,
  });
}
