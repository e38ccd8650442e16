import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApiServer, type ApiServer } from '#test/api-server';
import { optionalService } from '#test/optional';
import { storeArtifact } from '#test/stored-artifact';
import { startSwift, swiftMissing, type SwiftServer } from '#test/swift';

optionalService('Swift', swiftMissing())('files in a storage that has addresses of its own', () => {
  let swift: SwiftServer;

  beforeAll(async () => {
    swift = await startSwift();
  });

  afterAll(() => swift.stop());

  test.each(['s3', 'swift'] as const)('are got from it by whoever asks for that: %s', async (kind) => {
    const api = await startApiServer({ storage: swift[kind] });
    try {
      const { id } = await storeArtifact(api, [{ path: 'a/ü.html', content: 'hello\n' }]);
      await redirected(api, `/artifacts/${id}/files/a/%C3%BC.html?redirect`);
      const { url } = (await (
        await api.post(`/artifacts/${id}/links`, { path: 'a/ü.html', for: '1h' })
      ).json()) as { url: string };
      await redirected(api, `${url.replace('/api/v1', '')}?redirect`);
      expect(await (await api.call(`/artifacts/${id}/files/a/%C3%BC.html`)).text()).toBe('hello\n');

      // What is inside of an archive no storage knows.
      const packed = await storeArtifact(api, [{ path: 'a', content: 'hello\n' }], { archive: true });
      const inside = await api.call(`/artifacts/${packed.id}/files/a?redirect`);
      expect([inside.status, inside.redirected, await inside.text()]).toEqual([200, false, 'hello\n']);
      expect((await api.call(`/artifacts/${packed.id}/archive?redirect`)).redirected).toBe(true);
    } finally {
      await api.dispose();
    }
  });

  async function redirected(api: ApiServer, path: string): Promise<void> {
    const answer = await api.call(path, {
      redirect: 'manual',
      headers: { authorization: `Bearer ${api.admin}` },
    });
    expect(answer.status).toBe(302);
    const place = answer.headers.get('location') ?? '';
    expect(new URL(place).origin).toBe(swift.url);
    const file = await fetch(place);
    expect(await file.text()).toBe('hello\n');
    expect(file.headers.get('content-disposition')).toMatch(/^attachment/);
  }
});
