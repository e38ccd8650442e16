import { createHash } from 'node:crypto';
import type { AgentMessageOf, ArtifactFile, ControllerMessageOf } from '#shared/protocol';
import type { AgentPeer } from './agent-peer.ts';
import type { ObjectServer } from './object-server.ts';

/** An order to fetch into the workspace's folder `in`. */
export const FETCH: ControllerMessageOf<'fetch.begin'> = {
  type: 'fetch.begin',
  fetch: 'fetch-1',
  path: 'in',
  files: 0,
  bytes: 0,
};

/** A file as the storage has it, under its path. */
export function fileOf(
  path: string,
  content: string | Buffer,
  more: Partial<ArtifactFile> = {},
): ArtifactFile {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { path, bytes: Buffer.byteLength(content), sha256, mode: 0o644, ...more };
}

export function linkOf(path: string, link: string): ArtifactFile {
  return fileOf(path, '', { mode: 0o777, link });
}

interface Answers {
  peer: AgentPeer;
  storage: ObjectServer;
  files: ArtifactFile[];
  /** Files of a page. */
  page?: number;
  archive?: boolean;
}

/** Answers an agent that fetches these files, which are in the order of their paths, as a controller does. */
export function answerFetch({
  peer,
  storage,
  files,
  page = 128,
  archive = false,
}: Answers): typeof peer.onMessage {
  peer.onMessage = (message) => {
    if (message.type !== 'fetch.next') return;
    const start = message.after === null ? 0 : files.findIndex(({ path }) => path === message.after) + 1;
    const listed = files.slice(start, start + page).map((file) => {
      const isObject = file.link === undefined && !archive;
      return isObject ? { file, request: storage.request('GET', `/${encodeURI(file.path)}`) } : { file };
    });
    const last = start + page >= files.length;
    peer.send({ type: 'fetch.files', fetch: message.fetch, after: message.after, files: listed, last });
  };
  return peer.onMessage;
}

export async function fetched(peer: AgentPeer): Promise<AgentMessageOf<'fetch.finished'>> {
  const found = () => peer.messages.find((message) => message.type === 'fetch.finished');
  await peer.until(() => found() !== undefined);
  return found() as AgentMessageOf<'fetch.finished'>;
}
