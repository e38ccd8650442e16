import { expect, test, vi } from 'vitest';
import { createLogins, registryOf } from './registry-logins.ts';

test.each([
  ['debian', 'docker.io'],
  ['debian:bookworm', 'docker.io'],
  ['team/app', 'docker.io'],
  ['localhost/app', 'localhost'],
  ['registry:5000/app', 'registry:5000'],
  ['ghcr.io/team/app@sha256:00', 'ghcr.io'],
  ['docker.io/library/debian', 'docker.io'],
])('%s is in %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

test('a password comes from the environment at the moment of the pull', async () => {
  vi.stubEnv('REGISTRY_PASSWORD', 'first');
  const logins = createLogins({ 'docker.io': { username: 'ci', 'password-env': 'REGISTRY_PASSWORD' } });
  vi.stubEnv('REGISTRY_PASSWORD', 'second');
  expect(await logins.of('docker.io')).toEqual({
    username: 'ci',
    password: 'second',
    serveraddress: 'https://index.docker.io/v1/',
  });
  expect(await logins.of('ghcr.io')).toBeUndefined();
  expect(await logins.of('constructor')).toBeUndefined();
  vi.unstubAllEnvs();
});

test('a password that is not there is an error that names the place', async () => {
  const logins = createLogins({
    a: { username: 'ci', 'password-env': 'NO_SUCH_VARIABLE' },
    b: { username: 'ci', 'password-file': '/no/such/file' },
  });
  await expect(logins.of('a')).rejects.toThrow(/registry a is missing.*NO_SUCH_VARIABLE/);
  await expect(logins.of('b')).rejects.toThrow(/registry b is missing.*\/no\/such\/file/);
});
