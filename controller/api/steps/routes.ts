import { findJob, findStep, type Db, type Step } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { LogId } from '#controller/logs';
import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { pump } from '../http/pump.ts';
import { jsonRoute, streamRoute, type Route } from '../http/route.ts';
import { followStep } from './follow.ts';
import { rangeOf } from './range.ts';
import { LogMatches, LogQuery, LogSearchQuery, StepParams } from './schema.ts';

export function stepRoutes(deps: ApiDeps): Route[] {
  const { store, logs } = deps;
  return [
    streamRoute({
      method: 'get',
      path: '/steps/{step}/log',
      summary:
        'Reads a part of what a step wrote, or follows it. `Footman-Log-Offset` is the offset of the first byte sent.',
      role: 'read',
      params: StepParams,
      query: LogQuery,
      answer: {
        status: 200,
        mediaType: 'text/plain',
        description: 'The bytes as the step wrote them, after masking.',
      },
      async handle({ params, query }, request, response) {
        const signal = disconnected(response);
        const { step, log } = await locate(store.db, params.step);
        const slice = await logs.read(log, rangeOf(query), signal);
        const following = query.follow === true && !slice.size.complete;
        response.setHeader('Content-Type', 'text/plain; charset=utf-8');
        response.setHeader('Cache-Control', 'no-store');
        response.setHeader('Footman-Log-Offset', slice.offset);
        response.setHeader('Footman-Log-Line', slice.line);
        if (!following) response.setHeader('Content-Length', slice.end - slice.offset);
        // A step that writes nothing yet must not look like a controller that doesn't answer.
        response.flushHeaders();
        if (request.method === 'HEAD') return void response.end();
        const content = following
          ? followStep(deps, { step: step.id, log, offset: slice.offset }, signal)
          : slice.content;
        await pump(content, response, signal);
      },
    }),
    jsonRoute({
      method: 'get',
      path: '/steps/{step}/log/search',
      summary:
        'Looks for a text in what a step wrote, a part of it at a time: gives lines, and where to go on.',
      role: 'read',
      params: StepParams,
      query: LogSearchQuery,
      answer: LogMatches,
      async handle({ params, query: { offset, ...search } }, response) {
        const { log } = await locate(store.db, params.step);
        const wanted = { ...search, ignoreCase: search.ignoreCase === true };
        return logs.search(log, { offset }, wanted, disconnected(response));
      },
    }),
  ];
}

async function locate(db: Db, id: string): Promise<{ step: Step; log: LogId }> {
  const step = await findStep(db, id);
  const job = step === undefined ? undefined : await findJob(db, step.job_id);
  if (step === undefined || job === undefined) throw new FootmanError('not-found', `there is no step ${id}`);
  return { step, log: { build: job.build_id, job: job.id, step: step.id } };
}
