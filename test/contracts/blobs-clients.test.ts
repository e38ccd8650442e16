import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBlobs, type BlobStorage } from '#controller/blobs';
import { optionalService } from '#test/optional';
import { startSwift, swiftMissing, type SwiftServer } from '#test/swift';
import { never } from './blobs/context.ts';
import { SECRET } from './blobs/implementation.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const KEY = 'artifacts/1/large';
const CLIENTS = ['/usr/bin/rclone', '/usr/bin/s3cmd'];

const missing = CLIENTS.find((path) => !existsSync(path));

/** Clients that nobody here wrote read what is stored, by both of the server's languages. */
optionalService('clients', swiftMissing() ?? (missing && `${missing} is not there`))('other clients', () => {
  let swift: SwiftServer;
  let folder: string;
  let rclone: string[];
  const content = Buffer.alloc(11 * MIB, 'what is stored');

  beforeAll(async () => {
    swift = await startSwift();
    folder = await mkdtemp(join(tmpdir(), 'footman-clients-'));
    const { auth } = swift.swift;
    const key = auth.kind === 'tempauth' ? auth.key.value : '';
    const user = 'test:tester';
    await writeFile(
      join(folder, 'rclone.conf'),
      `[swift]\ntype = swift\nauth = ${swift.url}/auth/v1.0\nauth_version = 1\nuser = ${user}\nkey = ${key}\n` +
        `[s3]\ntype = s3\nprovider = Other\nendpoint = ${swift.url}\naccess_key_id = ${user}\nsecret_access_key = ${key}\n`,
    );
    await writeFile(
      join(folder, 's3cfg'),
      `[default]\naccess_key = ${user}\nsecret_key = ${key}\nhost_base = ${new URL(swift.url).host}\n` +
        `host_bucket = ${new URL(swift.url).host}\nuse_https = False\n`,
    );
    rclone = ['--config', join(folder, 'rclone.conf'), '--retries', '1'];
  });

  afterAll(async () => {
    await swift.stop();
    await rm(folder, { recursive: true });
  });

  async function store(blobs: BlobStorage): Promise<void> {
    const shape = { bytes: content.length, partBytes: 5 * MIB };
    const upload = { key: KEY, id: await blobs.uploads.begin(KEY, shape, never), ...shape };
    for (const part of [1, 2, 3]) {
      const piece = content.subarray((part - 1) * shape.partBytes, part * shape.partBytes);
      await blobs.uploads.putPart(upload, part, piece, never);
    }
    await blobs.uploads.complete(upload, never);
    await blobs.put('artifacts/1/small', Buffer.from('small'), {}, never);
  }

  test.each(['s3', 'swift'] as const)(
    'rclone copies what is in %s, of one part and of many',
    async (kind) => {
      const settings = (await swift.newContainer())[kind];
      await store(await openBlobs(settings, { secret: SECRET }));
      const bucket = settings.kind === 's3' ? settings.bucket : settings.container;
      const copy = join(folder, kind);
      // Whoever runs the tests may have settings of Amazon's, which it would obey.
      const env = { PATH: process.env['PATH'] };
      await run('rclone', [...rclone, 'copy', `${kind}:${bucket}/artifacts/1/`, copy], { env });
      expect(content.equals(await readFile(join(copy, 'large')))).toBe(true);
      expect(await readFile(join(copy, 'small'), 'utf8')).toBe('small');
    },
  );

  test('s3cmd lists and gets what is in s3', async () => {
    const settings = (await swift.newContainer()).s3;
    await store(await openBlobs(settings, { secret: SECRET }));
    const s3cmd = ['-c', join(folder, 's3cfg')];
    const { stdout } = await run('s3cmd', [...s3cmd, 'ls', '--recursive', `s3://${settings.bucket}/`]);
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringContaining(`${content.length}  s3://${settings.bucket}/${KEY}`),
      expect.stringContaining(`5  s3://${settings.bucket}/artifacts/1/small`),
    ]);
    const file = join(folder, 'got');
    await run('s3cmd', [...s3cmd, 'get', `s3://${settings.bucket}/${KEY}`, file]);
    expect(content.equals(await readFile(file))).toBe(true);
  });
});
