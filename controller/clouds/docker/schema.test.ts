import { expect, test } from 'vitest';
import { DockerSettings, DockerTemplate } from './schema.ts';

test('an image is enough: the rest has safe defaults', () => {
  expect(DockerTemplate.parse({ image: 'debian:bookworm' })).toMatchObject({
    pull: 'missing',
    pids: 4096,
    network: 'bridge',
    'no-new-privileges': true,
    privileged: false,
    capabilities: { drop: [], add: [] },
    mounts: [],
  });
  expect(DockerSettings.parse({})).toMatchObject({ host: 'unix:///var/run/docker.sock', registries: {} });
});

test.each([
  'debian',
  'registry.example:5000/team/app:1.2',
  `app@sha256:${'0'.repeat(64)}`,
  `sha256:${'0'.repeat(64)}`,
])('%s is an image', (image) => {
  expect(DockerTemplate.safeParse({ image }).success).toBe(true);
});

test.each(['', ' debian', '-v', 'a b', 'x?force=1', 'x#y', 'a%2f'])('%j is no image', (image) => {
  expect(DockerTemplate.safeParse({ image }).success).toBe(false);
});

test.each([
  [{ host: 'unix:///run/docker.sock' }, true],
  [{ host: 'tcp://10.0.0.1:2376', tls: { ca: '/ca', cert: '/cert', key: '/key' } }, true],
  [{ host: 'tcp://[::1]:2375' }, true],
  [{ host: 'ssh://builder' }, true],
  [{ host: 'ssh://ci@builder.example:22' }, true],
  [{ host: 'ssh://-oProxyCommand=x' }, false],
  [{ host: 'ssh://ci@-x' }, false],
  [{ host: 'tcp://10.0.0.1' }, false],
  [{ host: 'http://10.0.0.1:80' }, false],
  [{ host: 'unix:///x', tls: { ca: '/ca', cert: '/cert', key: '/key' } }, false],
  [{ host: 'tcp://a:1', 'agents-dial': 'socket' }, false],
  [{ registries: { 'r.example': { username: 'u', 'password-env': 'P' } } }, true],
  [{ registries: { 'r.example': { username: 'u' } } }, false],
  [{ registries: { 'r.example': { username: 'u', 'password-env': 'P', 'password-file': '/p' } } }, false],
  [{ registries: { 'r.example': { username: 'u', password: 'plain' } } }, false],
])('settings %j: %s', (settings, good) => {
  expect(DockerSettings.safeParse(settings).success).toBe(good);
});

test('the host’s network needs a second word', () => {
  const refused = DockerTemplate.safeParse({ image: 'x', network: 'host' });
  expect(refused.error?.issues[0]).toMatchObject({
    path: ['network'],
    message: expect.stringContaining('allow-host-network: true'),
  });
  const allowed = { image: 'x', network: 'host', 'allow-host-network': true };
  expect(DockerTemplate.safeParse(allowed).success).toBe(true);
});
