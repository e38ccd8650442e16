import { createHmac } from 'node:crypto';
import type { ApiClient } from '#test/api-client';

const SECRET = 'correct horse battery staple';
const ZERO = '0'.repeat(40);

interface Place {
  url: string;
  api: ApiClient;
}

/** Adds the project `widget` of GitHub, whose webhooks are signed, and waits until its repository was looked at. */
export async function addWidgetProject({ api }: Place, project: Record<string, unknown>): Promise<void> {
  await api.put('/secrets/WEBHOOK', { value: SECRET, scope: 'project:widget' });
  const defaults = { name: 'widget', provider: 'github', webhookSecret: 'WEBHOOK' };
  await api.post('/projects', { ...defaults, ...project });
  await api.event(({ kind, data }) => kind === 'delivery' && data.state !== 'received');
}

/** Tells of a push to `main` as GitHub does; resolves with the status of the answer. */
export function tellOfPush(place: Place, after: string): Promise<number> {
  return tell(place, 'push', { ref: 'refs/heads/main', before: ZERO, after });
}

/** Tells of pull request 7 as GitHub does, which is of a fork: its commit has to be under `refs/pull/7/head`. */
export function tellOfFork(place: Place, { head, base }: { head: string; base: string }): Promise<number> {
  return tell(place, 'pull_request', {
    action: 'opened',
    number: 7,
    pull_request: {
      title: 'Count faster',
      user: { login: 'jdoe' },
      head: { ref: 'main', sha: head, repo: { id: 7055 } },
      base: { ref: 'main', sha: base, repo: { id: 7001 } },
    },
  });
}

async function tell({ url }: Place, event: string, payload: object): Promise<number> {
  const body = JSON.stringify(payload);
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  const response = await fetch(`${url}/api/v1/hooks/widget`, {
    method: 'POST',
    headers: { 'x-github-event': event, 'x-hub-signature-256': `sha256=${signature}` },
    body,
  });
  return response.status;
}
