import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import type {
  Build,
  BuildList,
  BuildSummary,
  CloudList,
  DoctorReport,
  Event,
  Job,
  JobList,
  LogMatches,
  NewBuild,
  NewSource,
  NodeList,
  Resumption,
  Waiting,
} from '#controller/api';
import { createArtifactsClient, type ArtifactsClient } from './artifacts.ts';
import { createJobsList, type JobsQuery } from './jobs.ts';
import { queryOf } from './query.ts';
import { resuming } from './retry.ts';
import { createOperationsClient, type OperationsClient } from './operations.ts';
import { createHoldsClient, type HoldsClient } from './holds.ts';
import { createImagesClient, type ImagesClient } from './images.ts';
import { createNodesClient, type NodesClient } from './nodes.ts';
import { createPeopleClient, type PeopleClient } from './people.ts';
import { createProjectsClient, type ProjectsClient } from './projects.ts';
import { createStorageClient, type StorageClient } from './storage.ts';
import { createSecretsClient, type SecretsClient } from './secrets.ts';
import { readEvents } from './server-events.ts';
import { createTestsClient, type TestsClient } from './tests.ts';
import { createTransport, type Call, type Target } from './transport.ts';

/** A part of a log: where to begin, and whether to go on until the step ends. */
export interface LogRequest {
  offset?: number | undefined;
  /** From 0. */
  line?: number | undefined;
  lines?: number | undefined;
  tail?: number | undefined;
  /** Milliseconds since the epoch. */
  since?: number | undefined;
  follow?: boolean | undefined;
}

/** A text that is looked for in a log. */
export interface LogSearch {
  text: string;
  ignoreCase?: boolean | undefined;
}

export type LogMatch = LogMatches['matches'][number];

/** Which jobs of a build are to run again; of the others, the results are taken over. */
export interface Rerun {
  which: 'all' | 'failed' | 'job';
  /** Key of the job, for `job`. */
  job?: string;
  /** Holds the nodes of those of them that fail. */
  hold?: Resumption;
}

/** The controller's API, typed. Every method throws what the controller answered, or `controller-unreachable`. */
export interface Client {
  submit(build: Omit<NewBuild, 'source'> & { source?: NewSource }): Promise<BuildSummary>;
  builds(query: { limit?: number; before?: number; state?: string; pipeline?: string }): Promise<BuildList>;
  /** With a signal, it waits for a controller that is away, as while it is restarted. */
  build(name: string, signal?: AbortSignal): Promise<Build>;
  /** By force, nothing gets the time to end in order. */
  cancelBuild(name: string, how: { force: boolean }): Promise<BuildSummary>;
  cancelJob(id: string, how: { force: boolean }): Promise<Job>;
  /** Answers with the new build. */
  rerun(name: string, rerun: Rerun): Promise<BuildSummary>;
  clouds(): Promise<CloudList>;
  doctor(): Promise<DoctorReport>;
  job(id: string): Promise<Job>;
  jobs(query: JobsQuery): Promise<JobList>;
  /** Sentences name times in this zone; in UTC if absent. */
  waiting(jobId: string, timeZone?: string): Promise<Waiting>;
  nodes(query: { all: boolean }): Promise<NodeList>;
  upload(source: Omit<NewSource, 'bytes'>, content: { stream: Readable; bytes: number }): Promise<NewSource>;
  /** The log's bytes; a follower goes on from where it was when its connection is lost. */
  log(stepId: string, request: LogRequest, signal: AbortSignal): AsyncIterable<Buffer>;
  /** Lines of the log that have the text, as they are found. */
  searchLog(stepId: string, search: LogSearch, signal: AbortSignal): AsyncIterable<LogMatch>;
  /** All events of a build from its beginning, over lost connections. Never ends by itself. */
  eventsOfBuild(id: string, signal: AbortSignal): AsyncIterable<Event>;
  /** Changes from now on, over lost connections; null stands for the beginning of each connection: what came before it was not seen. */
  events(signal: AbortSignal): AsyncIterable<Event | null>;
  readonly artifacts: ArtifactsClient;
  readonly operations: OperationsClient;
  readonly holds: HoldsClient;
  readonly images: ImagesClient;
  readonly node: NodesClient;
  readonly people: PeopleClient;
  readonly projects: ProjectsClient;
  readonly secrets: SecretsClient;
  readonly storage: StorageClient;
  readonly tests: TestsClient;
  close(): void;
}

export function createClient(target: Target): Client {
  const transport = createTransport(target);

  return {
    submit: (build) => post('/builds', build),
    builds: (query) => get(`/builds${queryOf(query)}`),
    build: (name, signal) => get(`/builds/${encodeURIComponent(name)}`, signal),
    cancelBuild: (name, { force }) => post(`/builds/${encodeURIComponent(name)}/cancel`, { force }),
    cancelJob: (id, { force }) => post(`/jobs/${encodeURIComponent(id)}/cancel`, { force }),
    rerun: (name, rerun) => post(`/builds/${encodeURIComponent(name)}/rerun`, rerun),
    jobs: createJobsList(read),
    job: (id) => get(`/jobs/${encodeURIComponent(id)}`),
    waiting: (jobId, timeZone) => get(`/jobs/${encodeURIComponent(jobId)}/waiting${queryOf({ timeZone })}`),
    clouds: () => get('/clouds'),
    doctor: () => get('/doctor'),
    nodes: ({ all }) => get(all ? '/nodes?all=true' : '/nodes'),
    upload: ({ sha256, commit, ref }, content) =>
      read({
        method: 'POST',
        path: `/sources${queryOf({ sha256, commit, ref: ref ?? undefined })}`,
        content,
      }),
    log,
    searchLog,
    eventsOfBuild,
    events,
    artifacts: createArtifactsClient({ ...transport, read }),
    operations: createOperationsClient(read),
    holds: createHoldsClient({ ...transport, read }),
    images: createImagesClient({ read, resolve: transport.resolve }),
    node: createNodesClient(transport),
    people: createPeopleClient(read),
    projects: createProjectsClient(read),
    secrets: createSecretsClient(read),
    storage: createStorageClient({ ...transport, read }),
    tests: createTestsClient(read),
    close: () => transport.close(),
  };

  function get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const ask = (): Promise<T> => read({ path, signal });
    return signal === undefined ? ask() : patiently(ask, signal);
  }

  function post<T>(path: string, body: unknown): Promise<T> {
    return read({ method: 'POST', path, json: body });
  }

  async function read<T>(call: Call): Promise<T> {
    return (await json(await transport.send(call))) as T;
  }

  async function* log(stepId: string, request: LogRequest, signal: AbortSignal): AsyncGenerator<Buffer> {
    let at: number | undefined;
    let end: number | undefined;
    async function* open(connected: () => void): AsyncGenerator<Buffer> {
      const length = at === undefined || end === undefined ? undefined : end - at;
      const range = at === undefined ? request : { offset: at, length, follow: request.follow };
      const answer = await transport.send({ path: `/steps/${stepId}/log${queryOf(range)}`, signal });
      connected();
      at ??= Number(answer.headers['footman-log-offset'] ?? 0);
      const bytes = answer.headers['content-length'];
      end ??= bytes === undefined ? undefined : at + Number(bytes);
      for await (const bytes of answer as AsyncIterable<Buffer>) {
        at += bytes.length;
        yield bytes;
      }
      requireComplete(answer);
    }
    yield* resuming(open, { signal });
  }

  async function* searchLog(
    stepId: string,
    search: LogSearch,
    signal: AbortSignal,
  ): AsyncGenerator<LogMatch> {
    let offset: number | null = 0;
    while (offset !== null) {
      const page: LogMatches = await get(
        `/steps/${stepId}/log/search${queryOf({ ...search, offset })}`,
        signal,
      );
      yield* page.matches;
      offset = page.next;
    }
  }

  async function* events(signal: AbortSignal): AsyncGenerator<Event | null> {
    async function* open(connected: () => void): AsyncGenerator<Event | null> {
      const answer = await transport.send({ path: '/events', signal });
      connected();
      yield null;
      yield* readEvents(answer);
    }
    yield* resuming(open, { signal });
  }

  async function* eventsOfBuild(id: string, signal: AbortSignal): AsyncGenerator<Event> {
    let since = 0;
    async function* open(connected: () => void): AsyncGenerator<Event> {
      const answer = await transport.send({ path: `/events${queryOf({ build: id, since })}`, signal });
      connected();
      for await (const event of readEvents(answer)) {
        since = event.seq;
        yield event;
      }
    }
    yield* resuming(open, { signal });
  }
}

async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  async function* once(): AsyncGenerator<T> {
    yield await ask();
  }
  for await (const answer of resuming(once, { signal })) return answer;
  throw signal.reason;
}

function requireComplete(answer: IncomingMessage): void {
  if (!answer.complete) throw new Error('the answer was cut off');
}
