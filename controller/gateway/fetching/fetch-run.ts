import { archiveKeyOf } from '#controller/artifacts';
import type { Blobs } from '#controller/blobs';
import { filesOfArtifact, type Artifact, type Store, type StoredFile } from '#controller/store';
import { FootmanError } from '#shared/errors';
import {
  MAX_FETCHED_FILES_PER_MESSAGE,
  type AgentMessageOf,
  type ArtifactFile,
  type ControllerMessageOf,
} from '#shared/protocol';
import type { Activity, AgentLink } from '../activity.ts';
import { oneLine } from '../plain-text.ts';

export interface FetchRun extends Activity {
  /** Resolves once, when the agent is done. Rejects when store or storage can't be asked. */
  report: Promise<AgentMessageOf<'fetch.finished'>>;
}

interface Deps {
  /** What the agent calls it; the same in every life of the controller. */
  fetch: string;
  path: string | null;
  artifact: Artifact;
  store: Store;
  blobs: Blobs;
  link: AgentLink;
  progress(progress: AgentMessageOf<'fetch.progress'>): void;
  signal: AbortSignal;
}

/** How long a request is good; for the next page there are new ones. */
const LINK_MS = 4 * 60 * 60_000;

/** Brings one artifact into the workspace: the agent asks for page after page of its files, and gets them straight from the storage. */
export function createFetchRun(deps: Deps): FetchRun {
  const { fetch, path, artifact, store, blobs, link, progress, signal } = deps;
  const report = Promise.withResolvers<AgentMessageOf<'fetch.finished'>>();
  const isArchive = artifact.archive !== null;

  return {
    report: report.promise,
    resume: () => [],
    attached: () => guard(begin()),
    log: () => undefined,
    message(message) {
      if (!('fetch' in message) || message.fetch !== fetch) return;
      if (message.type === 'fetch.next') guard(sendPage(message.after));
      if (message.type === 'fetch.progress') progress(message);
      if (message.type === 'fetch.finished') report.resolve(toldIn(message));
    },
  };

  function guard(work: Promise<void>): void {
    work.catch((error: unknown) => report.reject(error));
  }

  async function begin(): Promise<void> {
    const { files, bytes } = artifact;
    const message: ControllerMessageOf<'fetch.begin'> = { type: 'fetch.begin', fetch, path, files, bytes };
    link.send(isArchive ? { ...message, archive: await packed() } : message);
  }

  async function packed() {
    const { id, archive, archive_sha256: sha256 } = artifact;
    const key = archive ?? archiveKeyOf(id);
    const stored = await blobs.head(key, signal);
    if (stored === undefined || sha256 === null)
      throw new FootmanError('not-found', 'its archive is not in the storage any more');
    const request = await blobs.presign({ method: 'GET', key, expiresIn: LINK_MS });
    return { request, bytes: stored.bytes, sha256 };
  }

  async function sendPage(after: string | null): Promise<void> {
    const limit = MAX_FETCHED_FILES_PER_MESSAGE;
    const page = { limit: limit + 1, ...(after !== null && { after }) };
    const found = await filesOfArtifact(store.db, artifact.id, page);
    const files = await Promise.all(found.slice(0, limit).map(withRequest));
    link.send({ type: 'fetch.files', fetch, after, files, last: found.length <= limit });
  }

  async function withRequest(row: StoredFile) {
    const file = fileOf(row);
    if (row.blob === '') return { file };
    return { file, request: await blobs.presign({ method: 'GET', key: row.blob, expiresIn: LINK_MS }) };
  }
}

/** What a node says is a stranger's, and stands in its step's row. */
function toldIn(message: AgentMessageOf<'fetch.finished'>): AgentMessageOf<'fetch.finished'> {
  const { problem } = message;
  return problem === undefined ? message : { ...message, problem: oneLine(problem) };
}

function fileOf({ path, bytes, sha256, mode, link, tar_offset: offset }: StoredFile): ArtifactFile {
  return {
    path,
    bytes,
    sha256,
    mode,
    ...(link !== null && { link }),
    ...(offset !== null && { offset }),
  };
}
