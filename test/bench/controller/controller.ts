import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { processesOfNode } from '#test/node-traces';
import { createClient, type Client } from './client.ts';
import { openFeed, type BuildEnd, type Feed } from './feed.ts';

/** A controller as a user starts it: `footman serve`, in a process of its own. */
export interface BenchController extends AsyncDisposable {
  pid: number;
  url: string;
  data: string;
  client: Client;
  feed: Feed;
  submit(pipeline: string): Promise<{ id: string }>;
  /** Resolves when the build has finished; rejects unless it succeeds. `patienceMs` is two minutes unless given. */
  finished(build: string, patienceMs?: number): Promise<BuildEnd>;
  /** The id of a build's first step. */
  firstStep(build: string): Promise<string>;
  /** Runs a pipeline; rejects unless it succeeds. */
  run(pipeline: string, patienceMs?: number): Promise<BuildRun>;
  /** Resolves when so many nodes are ready, and nothing else of a node is left. */
  ready(nodes: number): Promise<void>;
}

export interface BuildRun {
  id: string;
  /** From just before the request until the event of its end was here. */
  ms: number;
}

interface Settings {
  /** Everything of it; its state is found again by the next one that is started there. Whoever made it removes it. */
  folder: string;
  clouds: string;
  /** The configuration's section of that name; `{}` is the default. */
  teardown?: string | undefined;
  /** The command. */
  footman: string;
  /** Where its CPU profile goes. */
  profile?: string | undefined;
  /** Further sections of its configuration (YAML), and what they take from the environment. */
  sections?: string | undefined;
  environment?: NodeJS.ProcessEnv | undefined;
}

export async function startController({
  folder,
  clouds,
  teardown = PROMPT,
  footman,
  profile,
  sections = '',
  environment,
}: Settings): Promise<BenchController> {
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true });
  const file = join(folder, 'footman.yaml');
  await writeFile(file, configuration(data, clouds, teardown) + sections);
  const child = spawn(footman, ['serve', '--config', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...environment,
      ...(profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
    },
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  await listening(child);
  const { url, pid } = await readEndpoint(data);
  const client = createClient(url, (await readFile(join(data, 'admin.token'), 'utf8')).trim());
  const feed = await openFeed(client);

  return {
    pid,
    url,
    data,
    client,
    feed,
    submit,
    finished,
    firstStep,
    run,
    ready,
    [Symbol.asyncDispose]: dispose,
  };

  function submit(pipeline: string): Promise<{ id: string }> {
    return client.post('/builds', { file: 'bench.yaml', pipeline });
  }

  async function finished(build: string, patienceMs?: number): Promise<BuildEnd> {
    await feed.until(() => feed.builds.has(build), 'a build to finish', patienceMs);
    const end = feed.builds.get(build);
    if (end?.result !== 'success') throw new Error(`a build ended with ${end?.result}`);
    return end;
  }

  async function firstStep(build: string): Promise<string> {
    const { jobs } = await client.get<{ jobs: { steps: { id: string }[] }[] }>(`/builds/${build}`);
    const step = jobs[0]?.steps[0];
    if (step === undefined) throw new Error('a build has no step');
    return step.id;
  }

  async function run(pipeline: string, patienceMs?: number): Promise<BuildRun> {
    const begun = performance.now();
    const { id } = await submit(pipeline);
    return { id, ms: (await finished(id, patienceMs)).at - begun };
  }

  async function ready(count: number): Promise<void> {
    const { nodes } = feed;
    await feed.until(
      () => nodes.size === count && nodes.values().every((state) => state === 'ready'),
      `${count} ready nodes`,
    );
  }

  /** Nodes outlive their controller, and would look for it: they go too. */
  async function dispose(): Promise<void> {
    const nodes = [...feed.nodes.keys()];
    feed.close();
    client.close();
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    process.off('exit', kill);
    const left = await Promise.all(nodes.slice(0, MOST_NODES_WITH_PROCESSES).map(processesOfNode));
    for (const one of left.flat()) endProcess(Number(one));
  }
}

/** Looking for a node's processes reads all of /proc; thousands of nodes never have any. */
const MOST_NODES_WITH_PROCESSES = 20;

/** Rows wait between samples until used nodes are gone; what a controller does with them before costs the run only time. */
const PROMPT = '{ idle: 100ms }';

function configuration(data: string, clouds: string, teardown: string): string {
  return [
    `data: ${data}`,
    'listen: 127.0.0.1:0',
    'log-level: error',
    // Rows may prepare for long.
    'timeouts: { connect: 1h }',
    `teardown: ${teardown}`,
    `clouds: ${clouds}`,
    '',
  ].join('\n');
}

/** It prints where it listens once it does. */
async function listening(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('the controller has no standard output');
  for await (const _ of createInterface(child.stdout)) {
    child.stdout.resume();
    return;
  }
  throw new Error('the controller ended at its start');
}

async function readEndpoint(data: string): Promise<{ url: string; pid: number }> {
  return JSON.parse(await readFile(join(data, 'endpoint.json'), 'utf8')) as { url: string; pid: number };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
