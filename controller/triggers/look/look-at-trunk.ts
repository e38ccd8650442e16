import type { Project } from '#controller/store';
import type { OwnEvent } from '../own-event.ts';
import { sortOut } from './candidates.ts';
import { noFindings, type Findings } from './findings.ts';
import { prepareAll, type PrepareDeps } from './prepare.ts';
import { schedulesOf } from './schedules.ts';

/** The default branch as it is now: what its pipelines say of times, and the build of the one whose time it is. */
export async function lookAtTrunk(
  deps: PrepareDeps,
  project: Project,
  event: OwnEvent,
  signal: AbortSignal,
): Promise<Findings> {
  const { projects } = deps;
  await projects.refresh(project, [], signal);
  const repository = projects.repository(project, signal);
  const branch = project.default_branch;
  const tip = await repository.resolve(`refs/heads/${branch}`);
  if (tip === undefined) return noFindings(`the repository has no branch ${branch}`);
  const { commit, ref } = tip;
  const { candidates, broken } = sortOut(await projects.pipelines(project, commit, signal));
  const schedules = schedulesOf(candidates);
  if (event.kind === 'look') {
    // Nobody wants a build now, so nothing has failed.
    const sight = `${branch} has ${candidates.length} pipelines that can be read, and ${schedules.length} schedules`;
    const notes = [sight, ...broken.flatMap((one) => one.problems)];
    return { commit, submissions: [], broken: [], notes, schedules };
  }

  const { file } = event;
  const due = candidates.filter((one) => one.file === file);
  const spoilt = broken.filter((one) => one.file === file);
  if (due.length + spoilt.length === 0)
    return { commit, submissions: [], broken: [], notes: [`there is no ${file} any more`], schedules };
  const { title, author } = await repository.textOf(commit);
  const trigger = { event: 'schedule' as const, branch, title, author };
  const occasion = { project, commit, ref, trigger, trust: 'trusted' as const };
  const prepared = await prepareAll(deps, occasion, due, signal);
  const { submissions } = prepared;
  return { commit, submissions, broken: [...spoilt, ...prepared.broken], notes: [], schedules };
}
