import { whyBlocked } from '#controller/builds';
import { outlinesOfBuild, requestsOfJob, type Db, type Job, type NodeRequest } from '#controller/store';
import { estimateOf } from './estimate-of.ts';
import { outlookOf, type OutlookDeps } from './outlook-of.ts';
import type { Candidate, NodeOnItsWay } from './outlook.ts';
import type { Waiting } from './schema.ts';
import { candidateSentence, nodeSentence, queueSentence } from './sentence.ts';
import type { Times } from './times.ts';

/** Why the job does not run yet: the jobs that it needs, or what keeps each candidate from giving it a node, and how long (L20). */
export async function viewWaiting(job: Job, deps: OutlookDeps): Promise<Waiting> {
  const { db, times } = deps;
  const requests = await requestsOfJob(db, job.id);
  const outlook = job.state === 'queued' ? await outlookOf(job, requests, deps) : undefined;
  return {
    jobId: job.id,
    state: job.state,
    since: job.state_since,
    until: job.state === 'queued' ? job.state_since + job.queue_timeout_ms : null,
    sentence: outlook === undefined ? await sentenceFor(db, job) : queueSentence(outlook, times),
    needs: await viewNeeds(db, job),
    requests: requests.map(viewRequest),
    candidates: outlook?.candidates.map((candidate) => viewCandidate(candidate, times)) ?? [],
    nodes: outlook?.nodes.map((node) => viewNode(node, times)) ?? [],
    ahead: outlook?.ahead ?? null,
    estimate: outlook === undefined ? null : estimateOf(outlook, times),
  };
}

/** Of a job that is not in the queue. */
async function sentenceFor(db: Db, job: Job): Promise<string> {
  if (job.state === 'blocked') return whyBlocked(db, job);
  if (job.state !== 'finished') return 'it has its node';
  return job.reason === null ? 'it has ended' : `it has ended: ${job.reason}`;
}

async function viewNeeds(db: Db, { build_id: buildId, needs }: Job): Promise<Waiting['needs']> {
  const others = needs.length === 0 ? [] : await outlinesOfBuild(db, buildId);
  return others
    .filter(({ base }) => needs.includes(base))
    .map(({ key, state, result }) => ({ key, state, result }));
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

function viewCandidate(candidate: Candidate, times: Times): Waiting['candidates'][number] {
  const { cloud, template, verdict, code, until, image } = candidate;
  return { cloud, template, verdict, code, reason: candidateSentence(candidate, times), until, image };
}

function viewNode(node: NodeOnItsWay, times: Times): Waiting['nodes'][number] {
  const { id, cloud, template, state, createdAt, usualMs } = node;
  return { id, cloud, template, state, since: createdAt, usualMs, sentence: nodeSentence(node, times) };
}
