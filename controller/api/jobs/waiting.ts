import { whyBlocked } from '#controller/builds';
import {
  outlinesOfBuild,
  requestsOfJob,
  type Db,
  type Job,
  type JobState,
  type NodeRequest,
} from '#controller/store';
import type { Waiting } from './schema.ts';

/** Why the job does not run yet: the jobs that it needs, or the candidates that declined (L20). */
export async function viewWaiting(db: Db, job: Job): Promise<Waiting> {
  const needed = job.needs.length === 0 ? [] : await outlinesOfBuild(db, job.build_id);
  const needs = needed
    .filter(({ base }) => job.needs.includes(base))
    .map(({ key, state, result }) => ({ key, state, result }));
  const requests = (await requestsOfJob(db, job.id)).map(viewRequest);
  return {
    jobId: job.id,
    state: job.state,
    since: job.state_since,
    until: job.state === 'queued' ? job.state_since + job.queue_timeout_ms : null,
    sentence:
      job.state === 'blocked'
        ? await whyBlocked(db, job)
        : sentenceFor({ ...job, state: job.state }, requests),
    needs,
    requests,
  };
}

function viewRequest(request: NodeRequest): Waiting['requests'][number] {
  return {
    id: request.id,
    role: request.role,
    runsOn: request.runs_on,
    state: request.state,
    since: request.state_since,
    reason: request.reason,
    declines: request.declines,
  };
}

function sentenceFor(
  job: Job & { state: Exclude<JobState, 'blocked'> },
  requests: Waiting['requests'],
): string {
  switch (job.state) {
    case 'queued':
      return queuedSentence(job, requests);
    case 'leased':
    case 'running':
      return 'it has its node';
    case 'finished':
      return 'it has ended';
  }
}

function queuedSentence(job: Job, requests: Waiting['requests']): string {
  const open = requests.filter(({ state }) => state === 'requested' || state === 'pending');
  const declines = open.flatMap((request) => request.declines);
  const wanted = `it waits for a node that is \`${job.runs_on}\``;
  if (declines.length === 0)
    return open.some(({ state }) => state === 'pending') ? `${wanted}: one is on its way` : wanted;
  const reasons = declines.map(({ cloud, template, reason }) => `${cloud}/${template}: ${reason}`);
  return `${wanted}: ${reasons.join('; ')}`;
}
