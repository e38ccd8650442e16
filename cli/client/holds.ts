import type { Readable } from 'node:stream';
import type {
  BuildSummary,
  Hold,
  HoldKey,
  HoldKeyList,
  HoldList,
  HoldSessionList,
  Job,
  NewHold,
  NewHoldKey,
  NewTerminal,
  Resumption,
  TerminalTicket,
} from '#controller/api';
import { openTerminal, type Terminal } from './terminal.ts';
import { queryOf } from './query.ts';
import type { Call, Transport } from './transport.ts';

/** Which holds: those that hold unless `all` are wanted. */
export interface HoldChoice {
  state?: 'live' | 'all' | undefined;
  owner?: string | undefined;
  job?: string | undefined;
}

/** The part of the API that knows held nodes. Times to come are text, such as `4h`. */
export interface HoldsClient {
  /** Newest first. */
  list(choice: HoldChoice): Promise<HoldList>;
  show(id: string): Promise<Hold>;
  /** Has the node of a job that has not ended held when it ends; answers with the job. */
  request(hold: NewHold): Promise<Job>;
  extend(id: string, time: string): Promise<Hold>;
  release(id: string): Promise<Hold>;
  keys(id: string): Promise<HoldKeyList>;
  /** Answers with the key, or with those of the profile that was named. */
  addKey(id: string, key: NewHoldKey): Promise<HoldKeyList>;
  revokeKey(id: string, key: string): Promise<HoldKey>;
  /** Answers when it has begun: the hold's `snapshot` says how it goes on. */
  snapshot(id: string): Promise<Hold>;
  /** Answers with the build whose node is the machine. */
  resume(id: string, wish: Resumption): Promise<BuildSummary>;
  sessions(id: string): Promise<HoldSessionList>;
  /** As asciinema plays it. */
  recording(id: string, session: string): Promise<Readable>;
  /** @throws FootmanError what the controller answered, `node-unreachable` for instance */
  terminal(id: string, wish: NewTerminal): Promise<Terminal>;
}

interface Deps extends Pick<Transport, 'resolve' | 'send'> {
  read: <T>(call: Call) => Promise<T>;
}

export function createHoldsClient({ read, send, resolve }: Deps): HoldsClient {
  return {
    list: (choice) => read({ path: `/holds${queryOf(choice)}` }),
    show: (id) => read({ path: pathOf(id) }),
    request: (hold) => read({ method: 'POST', path: '/holds', json: hold }),
    extend: (id, time) => read({ method: 'POST', path: `${pathOf(id)}/extension`, json: { for: time } }),
    release: (id) => read({ method: 'DELETE', path: pathOf(id) }),
    keys: (id) => read({ path: `${pathOf(id)}/keys` }),
    addKey: (id, key) => read({ method: 'POST', path: `${pathOf(id)}/keys`, json: key }),
    revokeKey: (id, key) => read({ method: 'DELETE', path: `${pathOf(id)}/keys/${encodeURIComponent(key)}` }),
    snapshot: (id) => read({ method: 'POST', path: `${pathOf(id)}/snapshot`, json: {} }),
    resume: (id, wish) => read({ method: 'POST', path: `${pathOf(id)}/resume`, json: wish }),
    sessions: (id) => read({ path: `${pathOf(id)}/sessions` }),
    recording: (id, session) =>
      send({ path: `${pathOf(id)}/sessions/${encodeURIComponent(session)}/recording` }),
    async terminal(id, wish) {
      const path = `${pathOf(id)}/terminals`;
      const ticket = await read<TerminalTicket>({ method: 'POST', path, json: wish });
      return openTerminal(resolve(ticket.path));
    },
  };
}

function pathOf(id: string): string {
  return `/holds/${encodeURIComponent(id)}`;
}
