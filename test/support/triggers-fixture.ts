import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { submitIn } from '#controller/builds';
import { createSystemClock } from '#controller/clock';
import type { Tx } from '#controller/events';
import { createLogger } from '#controller/logger';
import { listBuilds, type Build } from '#controller/store';
import { createTriggers, type Triggers } from '#controller/triggers';
import { FootmanError } from '#shared/errors';
import { startApiServer, type ApiServer } from '#test/api-server';
import { createWidgetRepository, type WidgetRepository } from '#test/widget-repository';

export const SECRET = 'correct horse battery staple';

/** A recorded delivery of `test/golden/webhooks`, with the test's own commits in it. */
export interface Recording {
  headers: Record<string, string>;
  body: string;
}

/** The API over a real store, deliveries processed when a test says so, and a project `widget` of a real repository. */
export interface TriggersFixture {
  server: ApiServer;
  widget: WidgetRepository;
  triggers: Triggers;
  /** Pipelines that were reported as broken, as `FILE@COMMIT: SENTENCE`. */
  broken: string[];
  /** Time that passes for the controller, in milliseconds. */
  pass(ms: number): void;
  /** Makes `submit` throw inside its transaction, as a crash at that point would. */
  crashOnce(): void;
  /** Adds the project `name`, `widget` by default, whose webhooks are signed with `SECRET`. */
  addProject(change?: Record<string, unknown>): Promise<void>;
  record(name: string, values: Record<string, string>): Promise<Recording>;
  /** Sends it as it is; the signature is among the headers. */
  send(recording: Recording, project?: string): Promise<Response>;
  /** Processes what is due, and what comes of it. */
  process(): Promise<void>;
  /** Sends, and processes. The delivery as the API then lists it. */
  deliver(recording: Recording): Promise<DeliveryView>;
  deliveries(project?: string): Promise<DeliveryView[]>;
  /** Oldest first. */
  builds(): Promise<Build[]>;
  dispose(): Promise<void>;
}

export interface DeliveryView {
  id: string;
  event: string;
  state: string;
  reason: string | null;
  attempts: number;
  dueAt: number | null;
}

const GOLDEN = join(import.meta.dirname, '../golden/webhooks');

export async function startTriggers(): Promise<TriggersFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-triggers-'));
  const widget = await createWidgetRepository(folder);
  const system = createSystemClock();
  let passed = 0;
  const clock = { ...system, now: () => system.now() + passed };
  const server = await startApiServer({ clock });
  const { store, journal, projects } = server;
  let crashes = 0;
  const broken: string[] = [];
  const stopping = new AbortController();
  const triggers = createTriggers({
    store,
    journal,
    clock,
    logger: createLogger('silent'),
    projects,
    admit({ jobs }) {
      if (jobs.some(({ runsOn }) => runsOn === 'mars'))
        throw new FootmanError('no-such-label', 'nobody runs mars');
    },
    async submit(tx: Tx, submission) {
      const build = await submitIn(tx, submission, { queueTimeoutMs: 60_000 });
      if (crashes-- > 0) throw new Error('the power is gone');
      return build;
    },
    async reportBroken(_tx, _project, { file, sha, sentence }) {
      broken.push(`${file}@${sha}: ${sentence}`);
    },
    signal: stopping.signal,
  });

  const fixture: TriggersFixture = {
    server,
    widget,
    triggers,
    broken,
    pass: (ms) => void (passed += ms),
    crashOnce: () => void (crashes = 1),
    async addProject(change = {}) {
      await server.secrets.set({ scope: 'controller', name: 'WEBHOOK', value: SECRET, debug: 'deny' });
      const project = { name: 'widget', repository: widget.path, webhookSecret: 'WEBHOOK', ...change };
      const response = await server.post('/projects', project);
      if (!response.ok) throw new Error(await response.text());
      await fixture.process();
    },
    async record(name, values) {
      const text = await readFile(join(GOLDEN, `${name}.json`), 'utf8');
      const filled = text.replaceAll(/\{\{(\w+)\}\}/g, (_all, key: string) => values[key] ?? `{{${key}}}`);
      const { headers, body } = JSON.parse(filled) as { headers: Record<string, string>; body: unknown };
      const recording = { headers, body: JSON.stringify(body) };
      return sign(name, recording);
    },
    send: ({ headers, body }, project = 'widget') =>
      fetch(`${server.url}/api/v1/hooks/${project}`, { method: 'POST', headers, body }),
    async process() {
      await triggers.run(stopping.signal);
      await triggers.settled();
    },
    async deliver(recording) {
      const response = await fixture.send(recording);
      if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
      await fixture.process();
      const [newest] = await fixture.deliveries();
      if (newest === undefined) throw new Error('no delivery was kept');
      return newest;
    },
    deliveries: async (project = 'widget') =>
      (await server.get<{ deliveries: DeliveryView[] }>(`/projects/${project}/deliveries`)).deliveries,
    builds: async () => (await listBuilds(store.db, { limit: 100 })).toReversed(),
    async dispose() {
      stopping.abort();
      await triggers.settled();
      await server.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return fixture;
}

/** As the service does that the recording is of. */
export function sign(name: string, { headers, body }: Recording, secret = SECRET): Recording {
  const hex = createHmac('sha256', secret).update(body).digest('hex');
  if (name.startsWith('github'))
    return { headers: { ...headers, 'x-hub-signature-256': `sha256=${hex}` }, body };
  if (name.startsWith('gitlab')) return { headers: { ...headers, 'x-gitlab-token': secret }, body };
  const gitea = { ...headers, 'x-gitea-signature': hex, 'x-hub-signature-256': `sha256=${hex}` };
  const extra: Record<string, string> = name.startsWith('forgejo') ? { 'x-forgejo-signature': hex } : {};
  return { headers: { ...gitea, ...extra }, body };
}
