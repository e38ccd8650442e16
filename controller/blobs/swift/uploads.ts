import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { FootmanError } from '#shared/errors';
import type { OpenUpload, Upload } from '../contract.ts';
import { partCount, partSize } from '../parts.ts';
import type { ObjectStore } from '../store.ts';
import { bodyOf, expectStatus, finish } from './answers.ts';
import { UPLOAD_HEADER, type Objects } from './objects.ts';
import type { Listed } from './container.ts';
import type { UploadName } from './names.ts';
import type { Place } from './place.ts';

/** Parts that are removed at a time. */
const REMOVED_AT_ONCE = 8;

export interface SwiftUploads extends Pick<
  ObjectStore,
  'begin' | 'putPart' | 'parts' | 'complete' | 'abort' | 'uploads'
> {
  /** Replaces or removes an object by `act`; then nobody needs the parts of the one before any more. */
  instead<T>(key: string, signal: AbortSignal, act: () => Promise<T>): Promise<T>;
}

/**
 * Objects that come in parts become static large objects: a manifest under the object's name, which Swift takes only if all parts are there in
 * their size, and reads only as long as they are the same.
 */
export function createUploads({ account, container, names }: Place, objects: Objects): SwiftUploads {
  async function begin(key: string, _shape: unknown, signal: AbortSignal): Promise<string> {
    const id = randomUUID();
    await objects.put(names.upload(key, id), Buffer.alloc(0), 0, signal);
    return id;
  }

  const putPart: SwiftUploads['putPart'] = async (upload, part, content, bytes, signal) => {
    await checkOpen(upload.key, upload.id, signal);
    await objects.put(names.part(upload, part), content, bytes, signal);
  };

  async function isOpen(key: string, id: string, signal: AbortSignal): Promise<boolean> {
    const path = container.path(names.upload(key, id));
    const answer = await account.ask({ method: 'HEAD', path }, signal);
    await finish(await expectStatus(answer, `HEAD ${path}`, 200, 204, 404));
    if (answer.status === 404) await container.check(signal);
    return answer.status !== 404;
  }

  async function checkOpen(key: string, id: string, signal: AbortSignal): Promise<void> {
    if (await isOpen(key, id, signal)) return;
    throw new FootmanError('not-found', 'there is no such upload: it was completed or given up');
  }

  async function parts(upload: Upload, signal: AbortSignal): Promise<number[]> {
    const start = names.parts(upload);
    const found: number[] = [];
    for await (const { name, bytes } of container.list(start, undefined, signal)) {
      const part = Number(name.slice(start.length));
      if (part <= partCount(upload) && bytes === partSize(upload, part)) found.push(part);
    }
    return found;
  }

  const complete: SwiftUploads['complete'] = async (upload, signal) => {
    const { key, id, bytes } = upload;
    const present = await objects.find(key, signal);
    if (present?.upload !== id) {
      await checkOpen(key, id, signal);
      await instead(key, signal, () => putManifest(upload, signal));
    }
    await objects.remove(names.upload(key, id), signal);
    return { key, bytes };
  };

  async function putManifest(upload: Upload, signal: AbortSignal): Promise<void> {
    const manifest = Array.from({ length: partCount(upload) }, (_, index) => ({
      path: decodeURIComponent(container.path(names.part(upload, index + 1))),
      size_bytes: partSize(upload, index + 1),
    }));
    const path = container.path(names.object(upload.key));
    const answer = await account.ask(
      {
        method: 'PUT',
        path: `${path}?multipart-manifest=put`,
        headers: { [UPLOAD_HEADER]: upload.id, accept: 'application/json' },
        body: Buffer.from(JSON.stringify(manifest)),
      },
      signal,
    );
    if (answer.status === 400) {
      const said = (await bodyOf(answer)).toString();
      throw new FootmanError(
        'request-invalid',
        `a part of the object is missing, or has not its size: ${said.slice(0, 300)}`,
      );
    }
    await finish(await expectStatus(answer, `PUT ${path}`, 201));
  }

  async function removeParts(upload: UploadName, signal: AbortSignal): Promise<void> {
    const found: string[] = [];
    for await (const { name } of container.list(names.parts(upload), undefined, signal)) found.push(name);
    while (found.length > 0) {
      await Promise.all(found.splice(0, REMOVED_AT_ONCE).map((name) => objects.remove(name, signal)));
    }
  }

  const abort: SwiftUploads['abort'] = async ({ key, id }, signal) => {
    checkId(id);
    const present = await objects.find(key, signal);
    if (present?.upload !== id) await removeParts({ key, id }, signal);
    await objects.remove(names.upload(key, id), signal);
  };

  async function instead<T>(key: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    const before = await objects.find(key, signal);
    if (before?.upload === undefined) return act();
    // From here on its parts are those of an open upload: should this end in the middle, a sweep finds them.
    await objects.put(names.upload(key, before.upload), Buffer.alloc(0), 0, signal);
    const done = await act();
    await abort({ key, id: before.upload }, signal);
    return done;
  }

  async function* uploads(prefix: string, signal: AbortSignal): AsyncGenerator<OpenUpload> {
    await container.make(signal);
    const open = new Set<string>();
    for await (const listed of container.list(names.uploads(prefix), undefined, signal)) {
      const upload = names.uploadOf(listed.name);
      if (upload === undefined) continue;
      open.add(upload.id);
      yield { ...upload, startedAt: timeOf(listed) };
    }
    yield* strays(prefix, open, signal);
  }

  /** Parts that a link brought after their upload had ended: no marker and no manifest knows them. */
  async function* strays(
    prefix: string,
    open: ReadonlySet<string>,
    signal: AbortSignal,
  ): AsyncGenerator<OpenUpload> {
    let latest = '';
    for await (const listed of container.list(names.allParts(prefix), undefined, signal)) {
      const upload = names.uploadOf(listed.name);
      if (upload === undefined || upload.id === latest) continue;
      latest = upload.id;
      if (open.has(upload.id)) continue;
      const object = await objects.find(upload.key, signal);
      if (object?.upload !== upload.id) yield { ...upload, startedAt: timeOf(listed) };
    }
  }

  return { begin, putPart, parts, complete, abort, uploads, instead };
}

/** Swift's times are UTC, and don't say so. */
function timeOf({ last_modified }: Listed): number {
  return Date.parse(`${last_modified}Z`);
}

/** @throws FootmanError `request-invalid` for a name that no upload has: it stands in the names of what is removed */
function checkId(id: string): void {
  if (!z.uuid().safeParse(id).success) {
    throw new FootmanError('request-invalid', 'that is not the name of an upload');
  }
}
