import type { Request, Response } from 'express';
import type { Blobs } from '#controller/blobs';
import { headOf, requireFile, type Contents } from '#controller/contents';
import type { Artifact, Db } from '#controller/store';
import { disconnected } from '../http/disconnected.ts';
import { fileNameOf } from './file-name.ts';
import { requireComplete } from './find.ts';
import type { FileQuery } from './schema.ts';
import { sendContent, sendStream } from './send-content.ts';

export interface ServeDeps {
  db: Db;
  blobs: Blobs;
  contents: Contents;
}

/** How long somebody who is sent on to the storage may take to get there. */
const REDIRECT_MS = 5 * 60_000;

/** Answers with one file, wherever it lies. */
export async function serveFile(
  { db, blobs, contents }: ServeDeps,
  artifact: Artifact,
  { path, view, redirect }: FileQuery & { path: string },
  request: Request,
  response: Response,
): Promise<void> {
  requireComplete(artifact);
  const file = await requireFile(db, artifact, path);
  const isObject = file.tar_offset === null;
  if (redirect && isObject && (await sendOn(blobs, file.blob, file.path, response))) return;
  const { bytes, sha256 } = file;
  const sent = {
    name: file.path,
    bytes,
    sha256,
    open: (range, signal) => contents.file(artifact, file, range, signal),
  } satisfies Parameters<typeof sendContent>[0];
  await sendContent(sent, { isShown: view }, request, response);
}

/** Answers with all of it: the archive as it is stored, or a tar that is made on the way. */
export async function serveArchive(
  { blobs, contents }: ServeDeps,
  artifact: Artifact,
  { redirect }: Pick<FileQuery, 'redirect'>,
  request: Request,
  response: Response,
): Promise<void> {
  requireComplete(artifact);
  const { name, archive, archive_sha256: sha256 } = artifact;
  if (archive === null || sha256 === null) {
    const tar = { name: `${name}.tar`, type: 'application/x-tar' };
    await sendStream({ ...tar, content: (signal) => contents.tar(artifact, signal) }, request, response);
    return;
  }
  const file = `${name}.tar.zst`;
  if (redirect && (await sendOn(blobs, archive, file, response))) return;
  const { bytes } = await headOf(blobs, archive, disconnected(response));
  const stored = { blob: archive, name: file, bytes, sha256 };
  const sent = {
    ...stored,
    open: (range, signal) => contents.archive(stored, range, signal),
  } satisfies Parameters<typeof sendContent>[0];
  await sendContent(sent, { isShown: false }, request, response);
}

/** Sends the caller to the storage; false where that has no address of its own, or wants more than an address. */
async function sendOn(blobs: Blobs, key: string, path: string, response: Response): Promise<boolean> {
  const { url, headers } = await blobs.presign({
    method: 'GET',
    key,
    expiresIn: REDIRECT_MS,
    filename: fileNameOf(path),
  });
  if (!URL.canParse(url) || Object.keys(headers).length > 0) return false;
  response.setHeader('Cache-Control', 'no-store');
  response.redirect(302, url);
  return true;
}
