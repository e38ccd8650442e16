import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export const FOOTMAN = join(import.meta.dirname, '../../bin/footman');

/** How a command ended, and what it said. */
export interface Ended {
  exit: number | null;
  out: string;
  err: string;
}

export interface Running {
  child: ChildProcessByStdio<Writable | null, Readable, Readable>;
  /** Resolves once it has said the text, on standard output or standard error. */
  said(text: string): Promise<void>;
  /** What it said on standard output so far. */
  output(): string;
  ended: Promise<Ended>;
}

/** A person's place: a folder of their own with a footman.yaml and a data folder, where commands are run. */
export interface Place extends AsyncDisposable {
  folder: string;
  data: string;
  env: NodeJS.ProcessEnv;
  write(name: string, content: string): Promise<string>;
  start(...args: string[]): Running;
  run(...args: string[]): Promise<Ended>;
}

const CONFIGURATION = `
data: data
clouds: { local: { kind: process, max-nodes: 2, templates: { host: { labels: linux process } } } }
`;

export async function createPlace(configuration = CONFIGURATION): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-cli-'));
  const { PATH, LANG } = process.env;
  const env = { PATH, LANG, HOME: folder, TERM: 'xterm' };
  const started: Running[] = [];
  const place: Place = {
    folder,
    data: join(folder, 'data'),
    env,
    async write(name, content) {
      await writeFile(join(folder, name), content);
      return name;
    },
    start(...args) {
      const running = follow(spawn(FOOTMAN, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] }));
      started.push(running);
      return running;
    },
    run: (...args) => place.start(...args).ended,
    async [Symbol.asyncDispose]() {
      // A test that failed may have left some.
      for (const { child, ended } of started) {
        if (child.exitCode === null) child.kill('SIGKILL');
        await ended;
      }
      // What a controller has started may still write for a moment.
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
  await place.write('footman.yaml', configuration);
  return place;
}

/** Watches a process that was started. */
export function follow(child: ChildProcessByStdio<Writable | null, Readable, Readable>): Running {
  const seen = { out: '', err: '' };
  const changed = new EventTarget();
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      seen[name] += chunk;
      changed.dispatchEvent(new Event('change'));
    });
  }
  const ended = once(child, 'close').then(([exit]) => ({ exit: exit as number | null, ...seen }));
  return {
    child,
    output: () => seen.out,
    ended,
    async said(wanted) {
      const hasSaid = (): boolean => seen.out.includes(wanted) || seen.err.includes(wanted);
      const over = ended.then(({ out, err }) => {
        if (!hasSaid()) throw new Error(`it ended without saying ${wanted}: ${out}${err}`);
      });
      while (!hasSaid()) await Promise.race([once(changed, 'change'), over]);
    },
  };
}
