import { join } from 'node:path';
import { expect } from 'vitest';
import { createApiClient, type ApiClient, type EventView } from './api-client.ts';
import { controlFakeWorld, type FakeWorldControl } from './fake-world.ts';
import { createPlace, type Place, type Running } from './footman.ts';

/** A controller with a fake cloud `lab`, run and operated by the command line as an administrator does. */
export interface OperatedController extends AsyncDisposable {
  place: Place;
  serving: Running;
  api: ApiClient;
  world: FakeWorldControl;
  /** Ends it in order, and starts it again on the same data; it listens elsewhere then. */
  restart(): Promise<ApiClient>;
  /** Writes footman.yaml with these clouds; nothing happens by that alone. */
  configure(clouds: string, more?: string): Promise<void>;
  /** Resolves with the first event that fits and came after all that were seen by this call before. */
  nextNode(state: string, id?: string): Promise<EventView>;
  /** Submits a pipeline of one job with these steps' script; resolves with ids. */
  submit(runsOn: string, script?: string): Promise<{ build: string; job: string }>;
  /** Resolves once the answer to "why does it wait?" holds the text. */
  waitsFor(job: string, text: string): Promise<void>;
}

/** `clouds` is the mapping under `clouds:`, indented by two; `WORLD` in it is the folder of the world. */
export async function startOperated(clouds: string, more = ''): Promise<OperatedController> {
  const place = await createPlace();
  const folder = join(place.folder, 'world');
  const world = await controlFakeWorld(folder);
  const configure = async (text: string, rest = more): Promise<void> => {
    const document = `data: data\nteardown: { max-stopped: 0 }\n${rest}clouds:\n${text.replaceAll('WORLD', folder)}`;
    await place.write('footman.yaml', document);
  };
  await configure(clouds);
  const { serving, api } = await serve(place);

  return {
    place,
    serving,
    api,
    world,
    configure,
    async restart() {
      serving.child.kill('SIGTERM');
      await serving.ended;
      return (await serve(place)).api;
    },
    nextNode: (state, id) =>
      api.event(
        ({ kind, data }) => kind === 'node' && data.state === state && (id === undefined || data.id === id),
      ),
    async submit(runsOn, script = 'true') {
      const pipeline = `jobs: { test: { runs-on: ${runsOn}, steps: [{ run: ${JSON.stringify(script)} }] } }`;
      const { id } = await api.submit(pipeline);
      const [job] = (await api.build(id)).jobs;
      return { build: id, job: job?.id ?? '' };
    },
    async waitsFor(job, text) {
      // A candidate's no is no event.
      const answer = async (): Promise<string> => JSON.stringify(await api.get(`/jobs/${job}/waiting`));
      await expect.poll(answer, { timeout: 30_000 }).toContain(text);
    },
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]();
    },
  };
}

async function serve(place: Place): Promise<{ serving: Running; api: ApiClient }> {
  const serving = place.start('serve', '--listen', '127.0.0.1:0');
  await serving.said('listening on ');
  const url = /listening on (\S+);/.exec(serving.output())?.[1] ?? '';
  return { serving, api: createApiClient(url, place.data) };
}
