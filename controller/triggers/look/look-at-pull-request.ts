import type { Project, Trigger } from '#controller/store';
import { refusesBase } from '../filters/refs.ts';
import { asksToSkip } from '../filters/skip.ts';
import type { ProposedChange } from '../webhooks/event.ts';
import { sortOut, type Candidate } from './candidates.ts';
import { pathsSince } from './changes.ts';
import type { Findings } from './findings.ts';
import { prepareAll, type PrepareDeps } from './prepare.ts';
import { requireCommit } from './require-commit.ts';
import { select, type Verdict } from './select.ts';

/**
 * What a pull request starts: its head is built, with the pipelines that the head has. What comes from a fork is built without the
 * project's secrets, since whoever wrote the code wrote the pipeline too.
 */
export async function lookAtPullRequest(
  deps: PrepareDeps,
  project: Project,
  change: ProposedChange,
  signal: AbortSignal,
): Promise<Findings> {
  const { projects } = deps;
  await projects.refresh(project, [change.ref], signal);
  const repository = projects.repository(project, signal);
  const commit = await requireCommit(repository, change.head);
  const { message, title, author } = await repository.textOf(commit);
  if (asksToSkip(message) || asksToSkip(change.title))
    return { commit, submissions: [], broken: [], notes: ['its message or its title asks for no build'] };

  const { candidates, broken } = sortOut(await projects.pipelines(project, commit, signal));
  const { chosen, notes } = await select(
    candidates,
    (candidate) => judge(candidate, change.base),
    () => pathsSince(repository, `refs/heads/${change.base}`, commit),
  );
  const trigger = { ...triggerOf(change), title, author };
  const trust = change.fork ? 'fork' : 'trusted';
  const occasion = { project, commit, ref: change.ref, trigger, trust } as const;
  const prepared = await prepareAll(deps, occasion, chosen, signal);
  const { submissions } = prepared;
  return { commit, submissions, broken: [...broken, ...prepared.broken], notes };
}

/** It names no branch of its own: a fork may call its branch as it likes, `main` for one. */
function triggerOf({ number, title, author, branch, base, fork, actor }: ProposedChange): Trigger {
  const pullRequest = { number, title, author, branch, base, fork };
  return { event: 'pull-request', pullRequest, ...(actor === undefined ? {} : { actor }) };
}

function judge({ pipeline }: Candidate, base: string): Verdict {
  const { pullRequest } = pipeline.on;
  if (pullRequest === undefined) return { refusal: 'it is not for pull requests' };
  const refusal = refusesBase(pullRequest, base);
  return refusal === undefined ? { filter: pullRequest } : { refusal };
}
