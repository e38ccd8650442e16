import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** A private registry on loopback with one image, after the OCI distribution specification as far as a pull needs it. */
export interface ImageRegistry {
  /** `127.0.0.1:port`; engines take loopback without TLS. */
  host: string;
  image: string;
  /** How often somebody who was let in got the manifest; a pull takes it twice. */
  manifests(): number;
  /** From now on nobody gets an answer about a manifest; resolves when one was asked for. */
  hold(): Promise<void>;
  close(): Promise<void>;
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

export async function openImageRegistry(
  rootTar: string,
  login: { username: string; password: string },
): Promise<ImageRegistry> {
  const tar = await readFile(rootTar);
  const layer = gzipSync(tar, { level: 1 });
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
      history: [{ created_by: 'test' }],
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: digestOf(config),
      },
      layers: [
        {
          mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
          size: layer.length,
          digest: digestOf(layer),
        },
      ],
    }),
  );
  const blobs = new Map([config, layer].map((blob) => [digestOf(blob), blob]));
  const expected = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  let manifests = 0;
  let held: (() => void) | undefined;

  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    image: `${host}/app:1`,
    manifests: () => manifests,
    hold: () => new Promise((resolve) => void (held = resolve)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== expected) {
      response.setHeader('WWW-Authenticate', 'Basic realm="test"');
      return end(
        response,
        401,
        'application/json',
        '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}',
      );
    }
    const path = request.url ?? '';
    if (path === '/v2/') return end(response, 200, 'application/json', '{}');
    if (path.startsWith('/v2/app/manifests/')) {
      if (held !== undefined) return held();
      manifests += 1;
      response.setHeader('Docker-Content-Digest', digestOf(manifest));
      return end(response, 200, MANIFEST, manifest);
    }
    const digest = path.replace('/v2/app/blobs/', '');
    const blob = blobs.get(digest);
    if (blob === undefined) {
      return end(
        response,
        404,
        'application/json',
        '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}',
      );
    }
    end(response, 200, 'application/octet-stream', blob);
  }
}

function end(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
