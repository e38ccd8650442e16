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
export async function tellOfPush({ url }: Place, after: string): Promise<number> {
  const body = JSON.stringify({ ref: 'refs/heads/main', before: ZERO, after });
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  const response = await fetch(`${url}/api/v1/hooks/widget`, {
    method: 'POST',
    headers: { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${signature}` },
    body,
  });
  return response.status;
}
