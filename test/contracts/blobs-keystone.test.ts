import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBlobs, type BlobStorage, type KeystoneAuth } from '#controller/blobs';
import { keystoneMissing, startKeystone, type Keystone } from '#test/keystone';
import { optionalService } from '#test/optional';
import { startSwift, swiftMissing, type SwiftServer } from '#test/swift';
import { never, useBlobs } from './blobs/context.ts';
import { SECRET } from './blobs/implementation.ts';
import { serve } from './blobs/serve.ts';
import { describeUploads } from './blobs/uploads.ts';

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

  function open(changes: Partial<KeystoneAuth> = {}, now = Date.now): Promise<BlobStorage> {
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
      { secret: SECRET, now },
    );
  }

  describe('the contract', () => {
    const context = useBlobs({
      name: 'keystone',
      relayed: false,
      async open(_folder, now) {
        const blobs = await open({}, now);
        return { ...(await serve(blobs)), blobs, again: async () => blobs, halfDone: async () => [] };
      },
    });
    describeUploads(context);
  });

  test('an application credential is a login too, and links are signed for its account', async () => {
    const { id, secret } = await keystone.applicationCredential();
    const login = { kind: 'application', id, secret: { variable: 'OS_SECRET', value: secret } } as const;
    const blobs = await open({ login });
    await blobs.put('a', Buffer.from('x'), {}, never);
    const { url } = await blobs.presign({ method: 'GET', key: 'a', expiresIn: 60_000 });
    expect(await (await fetch(url)).text()).toBe('x');
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
