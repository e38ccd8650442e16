import type { Blobs } from '#controller/blobs';
import type { StoredFile } from '#controller/store';
import { blobKeyOf } from '#controller/artifacts';
import { messageOf } from '#shared/errors';
import type { AgentMessageOf, ArtifactFile, ControllerMessageOf } from '#shared/protocol';
import { formatBytes } from '#shared/quantity';
import type { Activity, AgentLink } from './activity.ts';

/** What the agent stored, checked against the storage; or why it did not. */
export type ArtifactReport = { ok: true; files: StoredFile[] } | { ok: false; reason: string };

export interface ArtifactRun extends Activity {
  /** Resolves once, when the agent is done. Rejects when the storage can't be asked. */
  report: Promise<ArtifactReport>;
}

interface Deps {
  collect: ControllerMessageOf<'artifact.collect'>;
  blobs: Blobs;
  link: AgentLink;
  signal: AbortSignal;
}

/** How long a link to upload one file is good. */
const UPLOAD_LINK_MS = 60 * 60_000;

/**
 * Collects one artifact: the agent names the files that its globs match, gets a presigned request for each, uploads them straight to the
 * storage, and says when it is done. Only what the storage then really has counts: the agent's word alone does not (I9).
 */
export function createArtifactRun({ collect, blobs, link, signal }: Deps): ArtifactRun {
  const report = Promise.withResolvers<ArtifactReport>();
  const files = new Map<string, StoredFile>();
  let bytes = 0;

  return {
    report: report.promise,
    resume: () => [],
    attached() {
      // The agent names all files again.
      files.clear();
      bytes = 0;
      link.send(collect);
    },
    log: () => undefined,
    message(message) {
      if (message.type === 'artifact.files' && message.artifact === collect.artifact) guard(offer(message));
      if (message.type === 'artifact.finished' && message.artifact === collect.artifact)
        guard(settle(message));
    },
  };

  function guard(work: Promise<void>): void {
    work.catch((error: unknown) => report.reject(error));
  }

  async function offer(message: AgentMessageOf<'artifact.files'>): Promise<void> {
    for (const file of message.files) take(file);
    const excess = tooMuch();
    if (excess !== undefined) return report.resolve({ ok: false, reason: excess });
    const puts = await Promise.all(
      message.files.map(async (file) => {
        const { path, bytes, sha256 } = file;
        return {
          path,
          request: await blobs.presign({
            method: 'PUT',
            key: blobKeyOf(collect.artifact, file),
            expiresIn: UPLOAD_LINK_MS,
            bytes,
            sha256,
          }),
        };
      }),
    );
    link.send({ type: 'artifact.put', artifact: collect.artifact, puts });
  }

  function take(file: ArtifactFile): void {
    bytes += file.bytes - (files.get(file.path)?.bytes ?? 0);
    files.set(file.path, { artifact_id: collect.artifact, blob: blobKeyOf(collect.artifact, file), ...file });
  }

  function tooMuch(): string | undefined {
    if (files.size > collect.maxFiles) return `more than ${collect.maxFiles} files`;
    if (bytes > collect.maxBytes) return `more than ${formatBytes(collect.maxBytes)}`;
    return undefined;
  }

  async function settle({ files: count, problem }: AgentMessageOf<'artifact.finished'>): Promise<void> {
    if (problem !== undefined) return report.resolve({ ok: false, reason: problem });
    if (count !== files.size)
      return report.resolve({ ok: false, reason: `${count} files were stored, ${files.size} were named` });
    const missing = await firstMissing();
    if (missing !== undefined)
      return report.resolve({ ok: false, reason: `${missing} did not reach the storage` });
    report.resolve({ ok: true, files: [...files.values()] });
  }

  async function firstMissing(): Promise<string | undefined> {
    for (const file of files.values()) {
      try {
        const stored = await blobs.head(file.blob, signal);
        if (stored?.bytes !== file.bytes) return file.path;
      } catch (error) {
        return `${file.path} (${messageOf(error)})`;
      }
    }
    return undefined;
  }
}
