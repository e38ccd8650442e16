import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFsBlobs } from '#controller/blobs';
import { createProjects, type Projects } from '#controller/projects';
import { messageOf } from '#shared/errors';
import type { Project } from '#controller/store';
import { startGitServer, type GitServer } from '#test/git-server';
import { optionalService } from '#test/optional';
import { sshdMissing, startSshServer, type SshServer } from '#test/ssh-server';
import { createWidgetRepository, widgetProject, type WidgetRepository } from '#test/widget-repository';

const run = promisify(execFile);
const { signal } = new AbortController();
const login = { user: 'x-access-token', password: 'glpat-s3cret-s3cret' };

let folder: string;
let widget: WidgetRepository;
let projects: Projects;
let secrets: Record<string, string>;
let server: GitServer;
let head: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-remote-'));
  widget = await createWidgetRepository(join(folder, 'remote'));
  const blobs = await openFsBlobs({ folder: join(folder, 'blobs'), secret: Buffer.alloc(32, 1) });
  secrets = { TOKEN: login.password };
  const secretOf = async (_scopes: readonly string[], name: string) => secrets[name];
  projects = await createProjects({ folder: join(folder, 'its 5%h projects'), blobs, secretOf });
  head = await widget.commit({ branch: 'main', files: { a: '1' } });
  server = await startGitServer({ folder: join(folder, 'remote'), login });
});

afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the token of a project', () => {
  test('opens its repository, and is on no command line and in no file', async () => {
    const project = widgetProject({ repository: `${server.url}/widget.git`, token_secret: 'TOKEN' });
    expect(await projects.defaultBranch(project, signal)).toBe('main');
    await projects.refresh(project, [], signal);
    expect(await projects.repository(project, signal).resolve('main')).toMatchObject({ commit: head });
    expect(server.exposed).toEqual([]);
    expect(await everythingIn(join(folder, 'its 5%h projects'))).not.toContain('s3cret');
    expect(await readdir(join(folder, 'its 5%h projects'))).toEqual(['p1.git']);
  });

  test('may come with a user', async () => {
    secrets = { TOKEN: `${login.user}:${login.password}` };
    const project = widgetProject({ repository: `${server.url}/widget.git`, token_secret: 'TOKEN' });
    await projects.refresh(project, [], signal);
  });

  test('that is wrong is not told', async () => {
    secrets = { TOKEN: 'wrong-s3cret' };
    const project = widgetProject({ repository: `${server.url}/widget.git`, token_secret: 'TOKEN' });
    const refused = projects.refresh(project, [], signal);
    await expect(refused).rejects.toMatchObject({ code: 'repository-unreachable' });
    await expect(refused).rejects.not.toThrow('s3cret');
  });

  test('that the server throws back is not told, nor is anything that a terminal obeys', async () => {
    const base64 = Buffer.from(`${login.user}:${login.password}`).toString('base64');
    const words = `ERR you sent ${login.password} and ${base64}\u001b[2J\u009b2J ${'x'.repeat(4000)}`;
    const length = (Buffer.byteLength(words) + 4).toString(16).padStart(4, '0');
    const echo = createServer((_request, response) => {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      response.end(`001e# service=git-upload-pack\n0000${length}${words}`);
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const repository = `http://127.0.0.1:${(echo.address() as AddressInfo).port}/x.git`;
    const project = widgetProject({ repository, token_secret: 'TOKEN' });
    const problem: unknown = await projects.refresh(project, [], signal).catch((error: unknown) => error);
    echo.close();
    const told = messageOf(problem);
    expect(told).toContain('you sent *** and ***');
    expect(told).not.toMatch(/\p{Cc}/u);
    expect(told.length).toBeLessThan(1000);
  });

  test('does not follow a redirect to another server', async () => {
    const mover = await startGitServer({ folder, redirectTo: server.url });
    try {
      const project = widgetProject({ repository: `${mover.url}/widget.git`, token_secret: 'TOKEN' });
      await expect(projects.refresh(project, [], signal)).rejects.toMatchObject({
        code: 'repository-unreachable',
      });
      expect(server.requests.length).toBeGreaterThan(0);
      expect([...server.credentials]).toEqual([]);
    } finally {
      await mover.stop();
    }
  });
});

optionalService('sshd', sshdMissing())('the key of a project', () => {
  let ssh: SshServer;
  let project: Project;

  beforeEach(async () => {
    const keys = join(folder, 'keys');
    await mkdir(keys);
    ssh = await startSshServer(keys);
    secrets = { KEY: ssh.key, STRANGER: ssh.strangersKey };
    project = widgetProject({
      repository: `ssh://${ssh.login}:${ssh.port}${widget.path}`,
      ssh_key_secret: 'KEY',
      known_hosts: ssh.knownHosts,
    });
  });

  afterEach(() => ssh.stop());

  test('opens its repository wherever the data folder lies, is on no command line, and is not left behind', async () => {
    await projects.refresh(project, [], signal);
    expect(await projects.repository(project, signal).resolve('main')).toMatchObject({ commit: head });
    const lines = (await ssh.commandLines()) + (await everythingIn(join(folder, 'its 5%h projects')));
    for (const line of ssh.key.trim().split('\n')) expect(lines).not.toContain(line);
    expect(await readdir(join(folder, 'its 5%h projects'))).toEqual(['p1.git']);
  });

  test('opens nothing that the key is not for, and is offered to no server but the known one', async () => {
    const wrong = projects.refresh({ ...project, ssh_key_secret: 'STRANGER' }, [], signal);
    await expect(wrong).rejects.toThrow('Permission denied');
    const impostor = projects.refresh({ ...project, known_hosts: ssh.otherKnownHosts }, [], signal);
    await expect(impostor).rejects.toThrow(/host key/i);
  });
});

test('a repository that never answers keeps no other from being fetched, and is given up at once when asked to', async () => {
  const asked = Promise.withResolvers<void>();
  const silent = createServer(() => asked.resolve()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const repository = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/x.git`;
  const stop = new AbortController();
  const stuck = projects.refresh(widgetProject({ id: 'p2', repository }), [], stop.signal);
  await asked.promise;
  await projects.refresh(widgetProject({ repository: widget.path }), [], signal);
  stop.abort(new Error('enough'));
  await expect(stuck).rejects.toThrow('enough');
  silent.close();
  silent.closeAllConnections();
});

async function everythingIn(path: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'find . -type f -exec cat {} +'], {
    cwd: path,
    encoding: 'latin1',
  });
  return stdout;
}
