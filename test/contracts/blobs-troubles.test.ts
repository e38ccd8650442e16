import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBlobs, type BlobStorage, type S3Settings, type SwiftSettings } from '#controller/blobs';
import { optionalService } from '#test/optional';
import { startStallingProxy } from '#test/stalling-proxy';
import { startSwift, swiftMissing, type SwiftContainer, type SwiftServer } from '#test/swift';
import { never } from './blobs/context.ts';
import { SECRET } from './blobs/implementation.ts';

type Settings = S3Settings | SwiftSettings;

const UNAVAILABLE = { code: 'storage-unavailable' };
const REFUSED = { code: 'storage-refused' };
const WRONG = { variable: 'KEY', value: 'wrong' };
const NOWHERE = 'http://127.0.0.1:1';

/** What a storage elsewhere can do to a controller, and what that makes of it. */
optionalService('Swift', swiftMissing())('storage in trouble', () => {
  let swift: SwiftServer;

  beforeAll(async () => {
    swift = await startSwift();
  });

  afterAll(async () => {
    await swift.stop();
  });

  describe.each([
    ['s3', ({ s3 }: SwiftContainer): Settings => s3],
    ['swift', ({ swift }: SwiftContainer): Settings => swift],
  ])('%s', (_, pick) => {
    test('one that is down is opened, and everything asked of it fails as something that passes', async () => {
      const blobs = await open(elsewhere(pick(swift), NOWHERE));
      const upload = { key: 'a', id: 'b', bytes: 1, partBytes: 1 };
      const { uploads } = blobs;
      const asked = [
        blobs.put('a', Buffer.from('x'), {}, never),
        blobs.get('a', {}, never),
        blobs.head('a', never),
        blobs.remove('a', never),
        Array.fromAsync(blobs.list('', never)),
        uploads.parts(upload, never),
        uploads.complete(upload, never),
        Array.fromAsync(uploads.list('', never)),
        blobs.probe(never),
      ];
      await Promise.all(asked.map((answer) => expect(answer).rejects.toMatchObject(UNAVAILABLE)));
    });

    test('one that goes and comes again is used again, and has what it said it had', async () => {
      const blobs = await open(pick(await swift.newContainer()));
      await blobs.put('a', Buffer.from('kept'), {}, never);
      await swift.kill();
      await expect(blobs.head('a', never)).rejects.toMatchObject(UNAVAILABLE);
      await swift.start();
      expect((await buffer((await blobs.get('a', {}, never)).stream)).toString()).toBe('kept');
    });

    test('one that is killed in the middle of a put has nothing of it', async () => {
      const blobs = await open(pick(await swift.newContainer()));
      await blobs.probe(never);
      const killed = Promise.withResolvers<void>();
      async function* content(): AsyncGenerator<Buffer> {
        yield Buffer.alloc(1_000_000);
        await swift.kill();
        killed.resolve();
        yield Buffer.alloc(1_000_000);
      }
      const putting = blobs.put('a', content(), { bytes: 2_000_000 }, never);
      await expect(putting).rejects.toMatchObject(UNAVAILABLE);
      await killed.promise;
      await swift.start();
      expect(await blobs.head('a', never)).toBeUndefined();
    });

    test('one that falls silent in the middle of an object is not waited for', async () => {
      const settings = pick(await swift.newContainer());
      await (await open(settings)).put('large', Buffer.alloc(3_000_000), {}, never);
      const proxy = await startStallingProxy(swift.url);
      const blobs = await open(elsewhere(settings, proxy.url), 300);
      const stalled = proxy.stall('/large', 1_000_000);
      const { stream } = await blobs.get('large', {}, never);
      await expect(buffer(stream)).rejects.toMatchObject(UNAVAILABLE);
      await stalled;
      await proxy.close();
    });

    test('a reader that takes longer than a storage may be silent gets all the same', async () => {
      const settings = pick(await swift.newContainer());
      const content = Buffer.alloc(9_000_000, 'x');
      for (const key of ['large', 'read-late']) await (await open(settings)).put(key, content, {}, never);
      const proxy = await startStallingProxy(swift.url);
      const blobs = await open(elsewhere(settings, proxy.url), 300);
      const late = await blobs.get('read-late', {}, never);
      // One that is read, and is silent for as long as may be.
      const stalled = proxy.stall('/large', 1_000_000);
      await expect(buffer((await blobs.get('large', {}, never)).stream)).rejects.toMatchObject(UNAVAILABLE);
      expect(content.equals(await buffer(late.stream))).toBe(true);
      await stalled;
      await proxy.close();
    });

    test('a download that is called off ends with its reason', async () => {
      const blobs = await open(pick(await swift.newContainer()));
      await blobs.put('large', Buffer.alloc(3_000_000), {}, never);
      const calledOff = new AbortController();
      const { stream } = await blobs.get('large', {}, calledOff.signal);
      calledOff.abort(new Error('enough'));
      await expect(buffer(stream)).rejects.toThrow('enough');
    });

    test('wrong credentials are refused for good, with a hint', async () => {
      const blobs = await open(withWrongKey(pick(swift)));
      const refused = { ...REFUSED, hint: expect.stringContaining('check') as string };
      await expect(blobs.put('a', Buffer.from('x'), {}, never)).rejects.toMatchObject(refused);
      await expect(blobs.get('a', {}, never)).rejects.toMatchObject(refused);
      await expect(blobs.head('a', never)).rejects.toMatchObject(REFUSED);
      await expect(Array.fromAsync(blobs.list('', never))).rejects.toMatchObject(refused);
    });

    test('objects of a prefix are alone there', async () => {
      const settings = pick(await swift.newContainer());
      const [all, one] = [await open(settings), await open({ ...settings, prefix: 'one/' })];
      await all.put('other', Buffer.from('x'), {}, never);
      await one.put('a', Buffer.from('12'), {}, never);
      expect(await Array.fromAsync(one.list('', never))).toEqual([{ key: 'a', bytes: 2 }]);
      expect(await all.head('one/a', never)).toEqual({ key: 'one/a', bytes: 2 });
      const { url } = await one.presign({ method: 'GET', key: 'a', expiresIn: 60_000 });
      expect(await (await fetch(url)).text()).toBe('12');
    });

    test('links lead to where agents reach the storage', async () => {
      const proxy = await startStallingProxy(swift.url);
      const blobs = await open({ ...pick(await swift.newContainer()), publicEndpoint: proxy.url });
      await blobs.put('a', Buffer.from('x'), {}, never);
      const { url } = await blobs.presign({ method: 'GET', key: 'a', expiresIn: 60_000 });
      expect(new URL(url).origin).toBe(proxy.url);
      expect(await (await fetch(url)).text()).toBe('x');
      await proxy.close();
    });
  });

  test('a bucket that is not there is told, and never taken for a missing object', async () => {
    const blobs = await open({ ...swift.s3, bucket: 'no-such-bucket' });
    const told = {
      ...REFUSED,
      message: expect.stringContaining('there is no bucket no-such-bucket') as string,
    };
    await expect(blobs.head('a', never)).rejects.toMatchObject(told);
    await expect(blobs.get('a', {}, never)).rejects.toMatchObject(told);
    await expect(blobs.probe(never)).rejects.toMatchObject(told);
  });

  test('a container that is not there is made', async () => {
    const blobs = await open({ ...swift.swift, container: 'made-when-needed' });
    await blobs.probe(never);
    expect(await Array.fromAsync(blobs.list('', never))).toEqual([]);
  });

  test('a part that a link brings after its upload was given up is found, and removed', async () => {
    const blobs = await open((await swift.newContainer()).swift);
    const shape = { bytes: 2, partBytes: 1 };
    const kept = { key: 'a', id: await blobs.uploads.begin('a', shape, never), ...shape };
    for (const part of [1, 2]) await blobs.uploads.putPart(kept, part, Buffer.from('x'), never);
    await blobs.uploads.complete(kept, never);
    const upload = { key: 'a', id: await blobs.uploads.begin('a', shape, never), ...shape };
    const late = await blobs.presign({ method: 'PUT', upload, part: 1, expiresIn: 60_000 });
    await blobs.uploads.abort(upload, never);
    expect((await fetch(late.url, { method: 'PUT', body: 'y' })).status).toBe(201);

    const strays = await Array.fromAsync(blobs.uploads.list('', never));
    expect(strays).toEqual([{ key: 'a', id: upload.id, startedAt: expect.any(Number) as number }]);
    await blobs.uploads.abort(upload, never);
    expect(await Array.fromAsync(blobs.uploads.list('', never))).toEqual([]);
    expect((await buffer((await blobs.get('a', {}, never)).stream)).toString()).toBe('xx');
  });

  test('a token that is worth nothing any more is replaced', async () => {
    const blobs = await open((await swift.newContainer()).swift);
    await blobs.put('a', Buffer.from('x'), {}, never);
    await swift.forgetTokens();
    expect(await blobs.head('a', never)).toEqual({ key: 'a', bytes: 1 });
  });

  test('two controllers sign links with one key, that is good for both', async () => {
    const settings = (await swift.newContainer()).swift;
    const [one, other] = [await open(settings), await open(settings)];
    await one.put('a', Buffer.from('x'), {}, never);
    for (const blobs of [one, other, one]) {
      const { url } = await blobs.presign({ method: 'GET', key: 'a', expiresIn: 60_000 });
      expect((await fetch(url)).status).toBe(200);
    }
  });

  test('what encrypts objects is part of the signature', async () => {
    const encryption = { kind: 'aws:kms', key: 'my-key' } as const;
    const blobs = await open({ ...swift.s3, encryption });
    const { url, headers } = await blobs.presign({ method: 'PUT', key: 'a', bytes: 1, expiresIn: 60_000 });
    expect(headers).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'my-key',
    });
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toContain('x-amz-server-side-encryption');
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
  });
});

function open(settings: Settings, idleTimeout = 60_000): Promise<BlobStorage> {
  return openBlobs(settings, { secret: SECRET, idleTimeout });
}

function elsewhere(settings: Settings, url: string): Settings {
  if (settings.kind === 's3') return { ...settings, endpoint: url };
  return { ...settings, auth: { ...settings.auth, url: `${url}/auth/v1.0` } };
}

function withWrongKey(settings: Settings): Settings {
  if (settings.kind === 'swift')
    return { ...settings, auth: { ...settings.auth, key: WRONG } as SwiftSettings['auth'] };
  const credentials = settings.credentials && { ...settings.credentials, secretAccessKey: WRONG };
  return { ...settings, credentials };
}
