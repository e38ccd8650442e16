import type { Clock } from '#controller/clock';
import type { Logger } from '#controller/logger';
import type { Secrets } from '#controller/secrets';
import {
  claimCommitStatus,
  findProject,
  markTold,
  markUntold,
  nextCommitStatus,
  type CommitStatus,
  type Project,
  type Store,
} from '#controller/store';
import { messageOf } from '#shared/errors';
import { placeOf } from './api-base.ts';
import { reports } from './note-build.ts';
import type { Outcome } from './outcome.ts';
import { requestOf } from './request.ts';
import { retryAt } from './retry.ts';
import { tell } from './tell.ts';

export interface ReporterDeps {
  store: Store;
  clock: Clock;
  logger: Logger;
  secrets: Pick<Secrets, 'valueOf'>;
  /** Address of the controller for people; null where it is not known, and statuses have no link. */
  publicUrl: string | null;
  /** For one request. */
  timeoutMs: number;
  /** From 0 up to 1. */
  random(): number;
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}

/** How long nobody else takes on what somebody tells; longer than the request and all around it may take. */
const CLAIM_MS = 60_000;

/** Tells providers what is due, one status of a project at a time, so that they arrive in their order. */
export function createReporter(deps: ReporterDeps): (projectId: string) => Promise<number | null> {
  const { store, clock, logger, secrets, publicUrl, timeoutMs, random, signal } = deps;
  /** When a project's provider wants to be asked again. */
  const paused = new Map<string, number>();

  return async function work(projectId) {
    while (!signal.aborted) {
      const next = await nextCommitStatus(store.db, projectId);
      if (next === undefined) return null;
      const due = Math.max(next.due_at, paused.get(projectId) ?? 0);
      if (due > clock.now()) return due;
      paused.delete(projectId);
      const claimed = await claimCommitStatus(store.db, next, clock.now() + CLAIM_MS);
      if (claimed !== undefined) await report(claimed);
    }
    return null;
  };

  async function report(status: CommitStatus): Promise<void> {
    const project = await findProject(store.db, status.project_id);
    if (project === undefined) return;
    const outcome = await attempt(project, status).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    const at = clock.now();
    if (outcome === undefined) return markUntold(store.db, status, { ...status, retry_at: at, at });
    if (outcome.kind === 'told') return markTold(store.db, status, status.wanted, at);

    const failures = status.failures + 1;
    const again = retryAt(outcome, failures, at, random());
    if (outcome.kind === 'later' && outcome.pauseMs !== undefined)
      paused.set(project.id, at + outcome.pauseMs);
    const what = { project: project.name, sha: status.sha, context: status.context };
    const { problem } = outcome;
    if (again === null) logger.warn({ ...what, problem, failures }, 'a commit status was given up');
    else logger.info({ ...what, problem, failures, retryMs: again - at }, 'a commit status is told later');
    await markUntold(store.db, status, { failures, problem, retry_at: again, at });
  }

  async function attempt(project: Project, status: CommitStatus): Promise<Outcome> {
    const place = placeOf(project);
    if (!reports(project))
      return { kind: 'refused', problem: 'the project has no provider and token any more' };
    if (place === undefined) {
      const problem = `it can't be told from ${project.repository} where the provider's API is; set the project's API URL`;
      return { kind: 'refused', problem };
    }
    const token = await tokenOf(project);
    if (typeof token !== 'string') return token;
    const page = publicUrl === null ? undefined : `${publicUrl.replace(/\/+$/, '')}${pathOf(status)}`;
    const request = requestOf(project.provider, place, token, { ...status, page });
    const outcome = await tell(request, { timeoutMs, now: () => clock.now(), signal });
    if (outcome.kind === 'told') return outcome;
    // A provider, or a proxy before it, may repeat what it was sent.
    return { ...outcome, problem: outcome.problem.replaceAll(token, '***') };
  }

  async function tokenOf({ name, token_secret: secret }: Project): Promise<string | Outcome> {
    try {
      const value = await secrets.valueOf([`project:${name}`, 'controller'], secret ?? '');
      if (value === undefined) return { kind: 'refused', problem: `there is no secret ${secret}` };
      // For git it may be `user:token`.
      const token = value.trim().replace(/^[^:]*:/, '');
      // fetch would complain with the token in its message.
      if (!/^[\x21-\x7e]+$/.test(token))
        return { kind: 'refused', problem: `the secret ${secret} is no token` };
      return token;
    } catch (error) {
      return { kind: 'later', problem: messageOf(error) };
    }
  }
}

function pathOf({ number }: CommitStatus): string {
  return number === 0 ? '/' : `/builds/${number}`;
}
