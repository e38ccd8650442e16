import type { Project } from '#controller/store';
import { refusesPush, type PushedRef } from '../filters/refs.ts';
import { asksToSkip } from '../filters/skip.ts';
import type { Push } from '../webhooks/event.ts';
import { sortOut, type Candidate } from './candidates.ts';
import { pathsOfPush } from './changes.ts';
import type { Findings } from './findings.ts';
import { requireCommit } from './require-commit.ts';
import { prepareAll, type PrepareDeps } from './prepare.ts';
import { schedulesOf } from './schedules.ts';
import { select, type Verdict } from './select.ts';

/** What a push starts. The pipelines are those of the commit that was pushed. */
export async function lookAtPush(
  deps: PrepareDeps,
  project: Project,
  push: Push,
  signal: AbortSignal,
): Promise<Findings> {
  const { projects } = deps;
  await projects.refresh(project, [], signal);
  const repository = projects.repository(project, signal);
  const commit = await requireCommit(repository, push.after);
  const { message, title, author } = await repository.textOf(commit);
  const { candidates, broken } = sortOut(await projects.pipelines(project, commit, signal));
  const isTrunk = push.ref === `refs/heads/${project.default_branch}`;
  const schedules = isTrunk ? { schedules: schedulesOf(candidates) } : {};
  if (asksToSkip(message))
    return { commit, submissions: [], broken: [], notes: ['its message asks for no build'], ...schedules };

  const ref = shortRef(push.ref);
  const { chosen, notes } = await select(
    candidates,
    (candidate) => judge(candidate, ref),
    async () => ('tag' in ref ? undefined : pathsOfPush(repository, project, push, commit)),
  );
  const { actor } = push;
  const trigger = {
    event: 'push' as const,
    ...ref,
    title,
    author,
    ...(actor === undefined ? {} : { actor }),
  };
  const occasion = { project, commit, ref: push.ref, trigger, trust: 'trusted' as const };
  const prepared = await prepareAll(deps, occasion, chosen, signal);
  const { submissions } = prepared;
  return { commit, submissions, broken: [...broken, ...prepared.broken], notes, ...schedules };
}

function judge({ pipeline }: Candidate, ref: PushedRef): Verdict {
  const { push } = pipeline.on;
  if (push === undefined) return { refusal: 'it is not for pushes' };
  const refusal = refusesPush(push, ref);
  return refusal === undefined ? { filter: push } : { refusal };
}

function shortRef(ref: string): PushedRef {
  return ref.startsWith('refs/tags/')
    ? { tag: ref.slice('refs/tags/'.length) }
    : { branch: ref.slice('refs/heads/'.length) };
}
