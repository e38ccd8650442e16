import { abortable } from '#shared/abortable';
import type { ArtifactFile, ArtifactPut, ControllerMessageOf, PresignedRequest } from '#shared/protocol';
import type { Link } from '../link/index.ts';

export type Put = ArtifactPut['puts'][number];

/** What agent and controller say about one artifact over one connection. Each question waits for its answer, or for the end of the signal. */
export interface Dialogue {
  /** Names files, and hears where those go that the storage does not have. One question at a time: others wait for their turn. */
  files(files: ArtifactFile[]): Promise<Put[]>;
  /** Names files of an archive, for which there is no answer. */
  archived(files: ArtifactFile[]): void;
  archive(bytes: number, sha256: string): Promise<Put[]>;
  /** Asks for a request for each of these parts. */
  parts(path: string, parts: number[]): Map<number, Promise<PresignedRequest>>;
  put(message: ControllerMessageOf<'artifact.put'>): void;
  partPuts(message: ControllerMessageOf<'artifact.part-puts'>): void;
}

interface Deps {
  artifact: string;
  link: Pick<Link, 'send'>;
  signal: AbortSignal;
}

type Answer<T> = PromiseWithResolvers<T>;

export function createDialogue({ artifact, link, signal }: Deps): Dialogue {
  let turn: Promise<unknown> = Promise.resolve();
  let places: Answer<Put[]> | undefined;
  const parts = new Map<string, Answer<PresignedRequest>>();

  return {
    files: (files) => ask(() => link.send({ type: 'artifact.files', artifact, files })),
    archived: (files) => link.send({ type: 'artifact.files', artifact, files }),
    archive: (bytes, sha256) => ask(() => link.send({ type: 'artifact.archive', artifact, bytes, sha256 })),
    parts(path, numbers) {
      const asked = numbers.map((part) => [part, askPart(path, part)] as const);
      link.send({ type: 'artifact.parts', artifact, path, parts: numbers });
      return new Map(asked);
    },
    put(message) {
      places?.resolve(message.puts);
      places = undefined;
    },
    partPuts({ path, puts }) {
      for (const { part, request } of puts) {
        parts.get(keyOf(path, part))?.resolve(request);
        parts.delete(keyOf(path, part));
      }
    },
  };

  async function ask(question: () => void): Promise<Put[]> {
    const mine = turn.then(async () => {
      signal.throwIfAborted();
      places = Promise.withResolvers();
      question();
      return abortable(places.promise, signal);
    });
    turn = mine.catch(() => undefined);
    return mine;
  }

  function askPart(path: string, part: number): Promise<PresignedRequest> {
    const answer = parts.get(keyOf(path, part)) ?? Promise.withResolvers<PresignedRequest>();
    parts.set(keyOf(path, part), answer);
    const promise = abortable(answer.promise, signal);
    // Asked for ahead of need: there may be none.
    promise.catch(() => undefined);
    return promise;
  }
}

function keyOf(path: string, part: number): string {
  return `${part} ${path}`;
}
