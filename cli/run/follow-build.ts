import type { Build, Job, Step } from '#controller/api';
import type { Client } from '../client/index.ts';
import { createModel, type Change } from './model.ts';
import type { BuildView } from './view.ts';
import { watchWaiting } from './watch-waiting.ts';

interface Options {
  client: Client;
  view: BuildView;
  /** Which jobs to show; those that appear later are asked about, too. All if absent. */
  includes?: (job: Job) => boolean;
  /** Which part of each step's log to show. */
  log?: { tail?: number | undefined; since?: number | undefined };
  signal: AbortSignal;
}

/**
 * Shows a build from its beginning until it has ended, and resolves with it. What a step wrote is shown whole before its end is told and
 * before the next step of its job; jobs that run at the same time share the view line by line.
 */
export async function followBuild(
  build: Build,
  { client, view, includes, log = {}, signal }: Options,
): Promise<Build> {
  const model = createModel(build, includes);
  const following = new AbortController();
  const stop = AbortSignal.any([signal, following.signal]);
  // Within a job everything is shown in its order, however long a log takes.
  const queues = new Map<string, Promise<void>>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const unwatch = watchWaiting({
    client,
    jobs: () => model.build.jobs,
    show: (job, sentence) => view.waiting(job, sentence),
  });
  try {
    view.progress(model.build);
    for await (const event of client.eventsOfBuild(build.id, stop)) {
      await view.event(event);
      if (model.isNews(event)) model.update(await client.build(build.id, stop));
      show(model.apply(event));
      if (model.build.state === 'finished') break;
      view.progress(model.build);
    }
    await Promise.race([Promise.all(queues.values()), failed.promise]);
    return await client.build(build.id, stop);
  } finally {
    following.abort();
    unwatch();
    view.close();
  }

  function show(change: Change | undefined): void {
    if (change === undefined) return;
    const { job } = change;
    const before = queues.get(job.id) ?? Promise.resolve();
    const shown = before.then(() =>
      change.step === undefined ? showJob(change) : showStep(job, change.step),
    );
    shown.catch(failed.reject);
    queues.set(job.id, shown);
  }

  async function showJob({ job, next }: Change): Promise<void> {
    if (job.state === 'finished') await view.jobEnded(job, next);
  }

  async function showStep(job: Job, step: Step): Promise<void> {
    if (step.state === 'finished') return view.stepEnded(job, step);
    await view.stepStarted(job, step);
    for await (const bytes of client.log(step.id, { ...log, follow: true }, stop))
      await view.output(job, bytes);
  }
}
