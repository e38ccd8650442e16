import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBlobs, type BlobStorage, type KeystoneAuth } from '#controller/blobs';
import { keystoneMissing, startKeystone, type Keystone } from '#test/keystone';
import { optionalService } from '#test/optional';
import { startSwift, swiftMissing, type SwiftServer } from '#test/swift';
import { never } from './blobs/context.ts';
import { SECRET } from './blobs/implementation.ts';

optionalService('Keystone', swiftMissing() ?? keystoneMissing())('swift with keystone', () => {
  let keystone: Keystone;
  let swift: SwiftServer;

  beforeAll(async () => {
    keystone = await startKeystone();
    swift = await startSwift({ keystone });
    await keystone.announce(swift.url);
  });

  afterAll(async () => {
    await swift.stop();
    await keystone.stop();
  });

  function password(): KeystoneAuth['login'] {
    const { user, project, password } = keystone.login;
    const secret = { variable: 'OS_PASSWORD', value: password };
    return {
      kind: 'password',
      user,
      project,
      userDomain: 'Default',
      projectDomain: 'Default',
      password: secret,
    };
  }

  function open(changes: Partial<KeystoneAuth> = {}): Promise<BlobStorage> {
    return openBlobs(
      {
        kind: 'swift',
        auth: {
          kind: 'keystone',
          url: keystone.url,
          region: 'RegionOne',
          interface: 'public',
          login: password(),
          ...changes,
        },
        container: `footman-${randomUUID()}`,
        prefix: 'ci/',
        urlKey: null,
        publicEndpoint: null,
      },
      { secret: SECRET },
    );
  }

  test('an object comes in parts, by links that are signed for its account', async () => {
    const blobs = await open();
    const shape = { bytes: 15, partBytes: 10 };
    const upload = { key: 'a/b', id: await blobs.uploads.begin('a/b', shape, never), ...shape };
    for (const [part, body] of [
      [1, '0123456789'],
      [2, 'abcde'],
    ] as const) {
      const { url } = await blobs.presign({ method: 'PUT', upload, part, expiresIn: 60_000 });
      expect((await fetch(url, { method: 'PUT', body })).status).toBe(201);
    }
    await blobs.uploads.complete(upload, never);
    const { url } = await blobs.presign({ method: 'GET', key: 'a/b', expiresIn: 60_000 });
    expect(await (await fetch(url, { headers: { range: 'bytes=8-11' } })).text()).toBe('89ab');
    expect(await Array.fromAsync(blobs.list('', never))).toEqual([{ key: 'a/b', bytes: 15 }]);
  });

  test('an application credential is a login too', async () => {
    const { id, secret } = await keystone.applicationCredential();
    const login = { kind: 'application', id, secret: { variable: 'OS_SECRET', value: secret } } as const;
    const blobs = await open({ login });
    await blobs.put('a', Buffer.from('x'), {}, never);
    expect(await blobs.head('a', never)).toEqual({ key: 'a', bytes: 1 });
  });

  test('a token that is worth nothing any more is replaced', async () => {
    const blobs = await open();
    await blobs.put('a', Buffer.from('x'), {}, never);
    await keystone.revokeTokens();
    expect(await blobs.head('a', never)).toEqual({ key: 'a', bytes: 1 });
  });

  test.each([
    ['another password', { kind: 'password' as const }, 'check user and key'],
    ['a region without storage', { region: 'Elsewhere' }, 'check region and interface'],
    ['an interface that nobody told', { interface: 'internal' as const }, 'check region and interface'],
  ])('%s is refused with a hint', async (_, changes, hint) => {
    const wrong = {
      ...password(),
      password: { variable: 'OS_PASSWORD', value: 'wrong' },
    } as KeystoneAuth['login'];
    const blobs = await open('kind' in changes ? { login: wrong } : changes);
    await expect(blobs.head('a', never)).rejects.toMatchObject({
      code: 'storage-refused',
      hint: expect.stringContaining(hint) as string,
    });
  });
});
