import { z } from 'zod';
import { nothing, type RepositoryEvent } from './event.ts';
import { commit, ref, text } from './fields.ts';
import { pushOf } from './push.ts';

/**
 * GitHub's payloads, as far as they matter here; Gitea and Forgejo send the same ones but for the names of some actions.
 * https://docs.github.com/webhooks/webhook-events-and-payloads
 */
const PushPayload = z.object({
  ref,
  before: commit,
  after: commit,
  sender: z.object({ login: text }).optional(),
});

const Side = z.object({
  ref: text,
  sha: commit,
  /** Null once the fork was removed. */
  repo: z.object({ id: z.int() }).nullish(),
});

const PullRequestPayload = z.object({
  action: text,
  number: z.int().positive(),
  pull_request: z.object({
    title: text,
    user: z.object({ login: text }).nullish(),
    head: Side,
    base: Side,
  }),
  sender: z.object({ login: text }).optional(),
});

/** The head may have moved in each of these; Gitea says `synchronized`. */
const ACTIONS: ReadonlySet<string> = new Set(['opened', 'reopened', 'synchronize', 'synchronized']);

/** @throws ZodError for a body that is not what the event has. */
export function readGithubEvent(event: string, body: unknown): RepositoryEvent {
  if (event === 'push') {
    const payload = PushPayload.parse(body);
    return pushOf(payload, payload.sender?.login);
  }
  if (event !== 'pull_request') return nothing(`nothing is built for the event ${event}`);
  const { action, number, pull_request: pull, sender } = PullRequestPayload.parse(body);
  if (!ACTIONS.has(action)) return nothing(`nothing is built when a pull request is ${action}`);
  const { head, base } = pull;
  return {
    kind: 'pull-request',
    number,
    title: pull.title,
    author: pull.user?.login ?? 'ghost',
    branch: head.ref,
    base: base.ref,
    head: head.sha,
    ref: `refs/pull/${number}/head`,
    fork: head.repo?.id === undefined || head.repo.id !== base.repo?.id,
    actor: sender?.login,
  };
}
