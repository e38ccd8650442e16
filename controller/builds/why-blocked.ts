import {
  buildsInGroup,
  findBuild,
  findStream,
  jobsInGroup,
  outlinesOfBuild,
  verificationsOfBuild,
  type Build,
  type Db,
  type Job,
} from '#controller/store';
import { needsWithVerifications } from './verifications.ts';

/** Why the job is not in the queue yet, as one sentence (L20). */
export async function whyBlocked(db: Db, job: Job): Promise<string> {
  const build = await findBuild(db, job.build_id);
  if (build?.admitted_at === null) return waitsForBuilds(db, build);
  const jobs = await outlinesOfBuild(db, job.build_id);
  const verifications = await verificationsOfBuild(db, job.build_id);
  const needs = needsWithVerifications(job.needs, jobs, verifications);
  const needed = jobs.filter(({ base, state }) => needs.includes(base) && state !== 'finished');
  if (needed.length > 0) return `it waits for ${needed.map(({ key }) => key).join(', ')}`;
  if (job.not_before !== null)
    return `attempt ${job.attempt} starts at ${new Date(job.not_before).toISOString()}`;
  if (job.preparing !== 0) return waitsForImage(db, job);
  if (job.concurrency_group !== null) return waitsForJobs(db, job, job.concurrency_group);
  const most = job.spec.matrix?.maxParallel;
  return most === undefined
    ? 'it is about to be queued'
    : `its matrix runs at most ${most} job${most === 1 ? '' : 's'} at a time`;
}

async function waitsForBuilds(db: Db, build: Build): Promise<string> {
  const group = build.concurrency_group ?? '';
  const before = (await buildsInGroup(db, group)).filter(
    ({ id, number, admitted_at: at }) => id !== build.id && (at !== null || number < build.number),
  );
  return `the build waits for ${before.map(({ number }) => `#${number}`).join(', ')} of concurrency group ${nameOf(group)}`;
}

async function waitsForJobs(db: Db, job: Job, group: string): Promise<string> {
  const holders = (await jobsInGroup(db, group)).filter(
    ({ id, state }) => id !== job.id && state !== 'blocked',
  );
  const names = holders.map(({ number, key }) => `${key} of #${number}`);
  return `it waits for ${names.join(', ') || 'its turn'} in concurrency group ${nameOf(group)}`;
}

async function waitsForImage(db: Db, { preparation }: Job): Promise<string> {
  const [awaited] = preparation?.state === 'waiting' ? preparation.streams : [];
  const stream = awaited && (await findStream(db, awaited));
  const build = stream?.build_id ? await findBuild(db, stream.build_id) : undefined;
  if (build !== undefined)
    return `it waits for the prepared image ${stream?.title ?? ''}, which build #${build.number} makes`;
  const trouble = preparation?.reason ? `: ${preparation.reason}` : '';
  return `its prepared image is being looked up${trouble}`;
}

/** As the pipeline has it: without the project. */
function nameOf(group: string): string {
  return group.slice(group.indexOf('/') + 1);
}
