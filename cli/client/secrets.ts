import type { NewSecret, Secret, SecretList, SecretRotation } from '#controller/api';
import type { Call } from './transport.ts';

/** The part of the API that keeps secrets. It never gives a value back. */
export interface SecretsClient {
  set(name: string, secret: NewSecret): Promise<Secret>;
  list(): Promise<SecretList>;
  remove(place: { scope: string; name: string }): Promise<Secret>;
  rotate(): Promise<SecretRotation>;
}

export function createSecretsClient(read: <T>(call: Call) => Promise<T>): SecretsClient {
  return {
    set: (name, secret) => read({ method: 'PUT', path: pathOf(name), json: secret }),
    list: () => read({ path: '/secrets' }),
    remove: ({ scope, name }) =>
      read({ method: 'DELETE', path: `${pathOf(name)}?scope=${encodeURIComponent(scope)}` }),
    rotate: () => read({ method: 'POST', path: '/secrets/rotate', json: {} }),
  };
}

function pathOf(name: string): string {
  return `/secrets/${encodeURIComponent(name)}`;
}
