import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  folder: string;
  url: string;
}

interface Batch {
  objects: { oid: string; size: number }[];
}

/** As much of Git LFS' batch API as a download needs. */
export async function answerLfs({ request, response, folder, url }: Exchange): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?');
  if (path.endsWith('/objects/batch')) {
    const { objects } = (await json(request)) as Batch;
    const answer = objects.map(({ oid, size }) => ({
      oid,
      size,
      actions: { download: { href: `${url}/info/lfs/objects/${oid}` } },
    }));
    response.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' });
    response.end(JSON.stringify({ transfer: 'basic', objects: answer }));
    return;
  }
  const content = await readFile(join(folder, 'lfs', path.slice(path.lastIndexOf('/') + 1))).catch(
    () => undefined,
  );
  response.writeHead(content === undefined ? 404 : 200).end(content);
}

/** Puts an object on the server of the folder; returns the pointer that a repository has in its place. */
export async function putLfsObject(folder: string, content: string): Promise<string> {
  const oid = createHash('sha256').update(content).digest('hex');
  await mkdir(join(folder, 'lfs'), { recursive: true });
  await writeFile(join(folder, 'lfs', oid), content);
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
}
