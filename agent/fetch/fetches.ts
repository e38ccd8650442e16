import type { ControllerMessageOf } from '#shared/protocol';
import type { Transport } from '../http/index.ts';
import type { Link } from '../link/index.ts';
import { createFetch, type Fetch } from './fetch.ts';

/** What the controller has told to fetch, and whose end it has not yet acknowledged. */
export interface Fetches {
  /** Begins, or goes on with what began over an earlier connection. */
  begin(order: ControllerMessageOf<'fetch.begin'>): void;
  files(message: ControllerMessageOf<'fetch.files'>): void;
  acknowledged(message: ControllerMessageOf<'fetch.ack'>): void;
}

interface Deps {
  workspace: string;
  transport: Transport;
  link: Pick<Link, 'send'>;
}

export function createFetches({ workspace, transport, link }: Deps): Fetches {
  const fetches = new Map<string, Fetch>();

  return {
    begin(order) {
      const known = fetches.get(order.fetch);
      if (known !== undefined) return known.again(order);
      fetches.set(order.fetch, createFetch({ order, workspace, transport, link }));
    },
    files: (message) => fetches.get(message.fetch)?.files(message),
    acknowledged({ fetch }) {
      fetches.get(fetch)?.stop();
      fetches.delete(fetch);
    },
  };
}
