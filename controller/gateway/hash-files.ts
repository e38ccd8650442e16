import { newId } from '#controller/store';
import type { HashNeeded } from '#shared/expressions';
import { FootmanError } from '#shared/errors';
import { MAX_HASH_GLOBS } from '#shared/protocol';
import { abortable } from '#shared/abortable';
import type { Activity, AgentLink } from './activity.ts';

interface Task {
  link: AgentLink;
  begin(activity: Activity): void;
  signal: AbortSignal;
}

/**
 * The digest over the files that the globs match in the workspace, from the agent; empty when there is none.
 *
 * @throws FootmanError `expression-failed` when the agent can't tell.
 */
export function hashFiles({ globs }: Pick<HashNeeded, 'globs'>, task: Task): Promise<string> {
  if (globs.length > MAX_HASH_GLOBS)
    throw new FootmanError('expression-failed', `hashFiles takes at most ${MAX_HASH_GLOBS} globs`);
  const { link, begin, signal } = task;
  const answer = Promise.withResolvers<string>();
  const request = newId();
  begin({
    resume: () => [],
    attached: () => link.send({ type: 'files.hash', request, globs: [...globs] }),
    log: () => undefined,
    message(message) {
      if (message.type !== 'files.hashed' || message.request !== request) return;
      if (message.problem === undefined) answer.resolve(message.digest);
      else answer.reject(new FootmanError('expression-failed', `hashFiles: ${message.problem}`));
    },
  });
  return abortable(answer.promise, signal);
}
