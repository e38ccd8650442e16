import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { startPythonServer } from './python-server.ts';

/** A real OpenStack Keystone, with a user of a project that may use an object store. All names are in the domain `Default`. */
export interface Keystone {
  /** Version 3. */
  url: string;
  /** The administrator's. */
  password: string;
  login: { user: string; project: string; password: string };
  /** Tells the address of a Swift in the catalogue, as the public endpoint of region `RegionOne`. */
  announce(swift: string): Promise<void>;
  /** A credential of the user's own. */
  applicationCredential(): Promise<{ id: string; secret: string }>;
  /** Every token of the user is worth nothing any more. */
  revokeTokens(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAM = '/usr/bin/keystone-manage';
const SERVE = join(import.meta.dirname, 'keystone', 'serve.py');

/** Why there is no Keystone here; undefined when there is one. */
export function keystoneMissing(): string | undefined {
  return existsSync(PROGRAM) ? undefined : `${PROGRAM} is not there; install keystone`;
}

export async function startKeystone(): Promise<Keystone> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-keystone-'));
  const port = await freePort();
  const password = randomUUID();
  const login = { user: 'ci', project: 'builds', password: randomUUID() };
  const server = await startPythonServer(SERVE, [folder, String(port)], { KEYSTONE_PASSWORD: password });
  const url = `http://127.0.0.1:${port}/v3`;
  const admin = await logIn(url, { user: 'admin', project: 'admin', password });
  const user = await makeUser();

  async function make(collection: string, one: string, body: object): Promise<{ id: string }> {
    const answer = await call(url, 'POST', `/${collection}`, admin, { [one]: body });
    return (answer as Record<string, { id: string }>)[one] ?? { id: '' };
  }

  async function makeUser(): Promise<string> {
    const project = await make('projects', 'project', { name: login.project, domain_id: 'default' });
    const names = { name: login.user, password: login.password, domain_id: 'default' };
    const user = await make('users', 'user', names);
    const found = (await call(url, 'GET', '/roles?name=member', admin)) as { roles: { id: string }[] };
    await call(url, 'PUT', `/projects/${project.id}/users/${user.id}/roles/${found.roles[0]?.id}`, admin);
    return user.id;
  }

  return {
    url,
    password,
    login,
    async announce(swift) {
      const service = await make('services', 'service', { name: 'swift', type: 'object-store' });
      await make('endpoints', 'endpoint', {
        service_id: service.id,
        region_id: 'RegionOne',
        interface: 'public',
        url: `${swift}/v1/KEY_$(project_id)s`,
      });
    },
    async applicationCredential() {
      const token = await logIn(url, login);
      const body = { application_credential: { name: randomUUID() } };
      const made = await call(url, 'POST', `/users/${user}/application_credentials`, token, body);
      return (made as { application_credential: { id: string; secret: string } }).application_credential;
    },
    async revokeTokens() {
      // A user who was disabled since has no tokens from before.
      for (const enabled of [false, true]) {
        await call(url, 'PATCH', `/users/${user}`, admin, { user: { enabled } });
      }
    },
    async stop() {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function logIn(url: string, { user, project, password }: Keystone['login']): Promise<string> {
  const domain = { id: 'default' };
  const answer = await fetch(`${url}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: user, domain, password } } },
        scope: { project: { name: project, domain } },
      },
    }),
  });
  const token = answer.headers.get('x-subject-token');
  if (token === null) throw new Error(`no login: ${await answer.text()}`);
  return token;
}

async function call(
  url: string,
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<unknown> {
  const answer = await fetch(url + path, {
    method,
    headers: { 'x-auth-token': token, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
