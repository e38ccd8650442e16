import { z } from 'zod';
import type { Provider } from '#controller/store';
import { nothing, type RepositoryEvent } from './event.ts';
import { readGithubEvent } from './github.ts';
import { readGitlabEvent } from './gitlab.ts';

/** What the delivery says. Never throws for what is in it. */
export function readEvent(provider: Provider, event: string, payload: string): RepositoryEvent {
  try {
    const body: unknown = JSON.parse(payload);
    return provider === 'gitlab' ? readGitlabEvent(event, body) : readGithubEvent(event, body);
  } catch (error) {
    if (error instanceof SyntaxError) return nothing('its body is not JSON');
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    return nothing(`its body is not what ${event} has: ${issue?.path.join('.')}: ${issue?.message}`);
  }
}
