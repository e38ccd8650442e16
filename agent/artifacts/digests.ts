import type { ControllerMessageOf } from '#shared/protocol';
import type { Link } from '../link/index.ts';
import { hashFiles } from './hash-files.ts';

/** The digest that the controller waits for: one at a time, since it waits for no other. */
export interface Digests {
  /** Begins, or goes on with what began over an earlier connection; another request ends the one before. */
  hash(order: ControllerMessageOf<'files.hash'>): void;
}

interface Deps {
  workspace: string;
  link: Pick<Link, 'send'>;
}

export function createDigests({ workspace, link }: Deps): Digests {
  let request: string | undefined;
  let stopping = new AbortController();
  let answer: ReturnType<typeof hashFiles> | undefined;

  return {
    hash(order) {
      if (answer === undefined || order.request !== request) {
        stopping.abort();
        stopping = new AbortController();
        request = order.request;
        answer = hashFiles(order, workspace, stopping.signal);
      }
      void tell(answer, stopping.signal);
    },
  };

  async function tell(hashed: ReturnType<typeof hashFiles>, signal: AbortSignal): Promise<void> {
    const message = await hashed;
    if (!signal.aborted) link.send(message);
  }
}
