import { z } from 'zod';
import { nothing, type RepositoryEvent } from './event.ts';
import { commit, ref, text } from './fields.ts';
import { pushOf } from './push.ts';

/** GitLab's payloads, as far as they matter here: https://docs.gitlab.com/user/project/integrations/webhook_events/ */
const PushPayload = z.object({
  ref,
  before: commit,
  after: commit,
  user_username: text.nullish(),
  user_name: text.nullish(),
});

const MergeRequestPayload = z.object({
  user: z.object({ id: z.int().optional(), username: text }),
  object_attributes: z.object({
    iid: z.int().positive(),
    title: text,
    author_id: z.int().nullish(),
    source_branch: text,
    target_branch: text,
    source_project_id: z.int().nullish(),
    target_project_id: z.int(),
    action: text.optional(),
    /** Only there where an update brought commits. */
    oldrev: text.nullish(),
    last_commit: z.object({ id: commit, author: z.object({ name: text }).optional() }),
  }),
});

/** @throws ZodError for a body that is not what the event has. */
export function readGitlabEvent(event: string, body: unknown): RepositoryEvent {
  if (event === 'Push Hook' || event === 'Tag Push Hook') {
    const payload = PushPayload.parse(body);
    return pushOf(payload, payload.user_username ?? payload.user_name ?? undefined);
  }
  if (event !== 'Merge Request Hook') return nothing(`nothing is built for the event ${event}`);
  const { user, object_attributes: change } = MergeRequestPayload.parse(body);
  const { action = 'changed', iid, last_commit: last } = change;
  const hasCommits = action === 'open' || action === 'reopen' || (action === 'update' && change.oldrev);
  if (!hasCommits) return nothing(`nothing is built for a merge request's ${action} without new commits`);
  return {
    kind: 'pull-request',
    number: iid,
    title: change.title,
    // The payload names who acts, and of the author only the number.
    author: user.id === change.author_id ? user.username : (last.author?.name ?? user.username),
    branch: change.source_branch,
    base: change.target_branch,
    head: last.id,
    ref: `refs/merge-requests/${iid}/head`,
    fork: change.source_project_id !== change.target_project_id,
    actor: user.username,
  };
}
