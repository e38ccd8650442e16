import type { AgentMessageOf, ArtifactFile, ControllerMessageOf } from '#shared/protocol';
import type { AgentPeer } from './agent-peer.ts';
import type { ObjectServer } from './object-server.ts';

/** An order to collect what is in the workspace's folder `out`. */
export const COLLECT: ControllerMessageOf<'artifact.collect'> = {
  type: 'artifact.collect',
  root: 'workspace',
  artifact: 'artifact-1',
  paths: ['out'],
  exclude: [],
  archive: false,
  maxFiles: 100_000,
  maxBytes: 2 ** 30,
};

interface Answers {
  peer: AgentPeer;
  storage: ObjectServer;
  /** Bytes of a part; objects that are bigger come in parts. */
  partBytes: number;
}

/** Answers the questions of an agent that collects as a controller does; parts become objects of their own, `/PATH.1` and so on. */
export function answerCollection({ peer, storage, partBytes }: Answers): (message: unknown) => void {
  peer.onMessage = (message) => {
    if (message.type === 'artifact.archive') {
      const { artifact, bytes } = message;
      peer.send({ type: 'artifact.put', artifact, puts: [placeOf('archive', bytes)] });
    } else if (
      message.type === 'artifact.files' &&
      message.files.every(({ offset }) => offset === undefined)
    ) {
      const files = message.files.filter(({ link }) => link === undefined);
      const puts = files.map(({ path, bytes }) => placeOf(path, bytes));
      peer.send({ type: 'artifact.put', artifact: message.artifact, puts });
    } else if (message.type === 'artifact.parts') {
      const { artifact, path, parts } = message;
      const puts = parts.map((part) => ({ part, request: storage.request('PUT', `/${path}.${part}`) }));
      peer.send({ type: 'artifact.part-puts', artifact, path, puts });
    }
  };
  return peer.onMessage as (message: unknown) => void;

  function placeOf(path: string, bytes: number) {
    if (bytes <= partBytes) return { path, request: storage.request('PUT', `/${encodeURI(path)}`) };
    const count = Math.ceil(bytes / partBytes);
    const stored = Array.from({ length: count }, (_, index) => index + 1).filter((part) =>
      storage.objects.has(`/${path}.${part}`),
    );
    return { path, parts: { bytes: partBytes, count }, stored };
  }
}

/** The object that its parts make up. */
export function joined(storage: ObjectServer, path: string, count: number): Buffer {
  const parts = Array.from({ length: count }, (_, index) => storage.objects.get(`/${path}.${index + 1}`));
  return Buffer.concat(parts.filter((part) => part !== undefined));
}

export async function collected(peer: AgentPeer, after = 0): Promise<AgentMessageOf<'artifact.finished'>> {
  const found = () => peer.messages.slice(after).find((message) => message.type === 'artifact.finished');
  await peer.until(() => found() !== undefined);
  return found() as AgentMessageOf<'artifact.finished'>;
}

/** All files that the agent has named. */
export function named(peer: AgentPeer): ArtifactFile[] {
  return peer.messages.flatMap((message) => (message.type === 'artifact.files' ? message.files : []));
}
