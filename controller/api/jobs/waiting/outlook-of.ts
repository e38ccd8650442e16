import { subjectOf } from '#controller/fleet';
import type { CandidateState, LaunchHistory, RequestExplanation } from '#controller/provisioner';
import {
  namesOfVersions,
  newestHoldings,
  type Db,
  type Decline,
  type Holding,
  type Job,
  type NodeRequest,
  type VersionName,
  type WantedImages,
} from '#controller/store';
import type { Candidate, Outlook, UsualStart } from './outlook.ts';
import type { Times } from './times.ts';
import type { ApiDeps } from '../../deps.ts';

export interface OutlookDeps extends Pick<ApiDeps, 'provisioner' | 'breakers' | 'history'> {
  db: Db;
  times: Times;
}

/** Many enough for a median, and for all nodes that most clouds have at a time. */
const HOLDINGS = 200;

/** What a queued job can hope for: in the planner's eyes, or, where nobody has planned for it yet, what its requests were told. */
export async function outlookOf(
  job: Job,
  requests: readonly NodeRequest[],
  deps: OutlookDeps,
): Promise<Outlook> {
  const explanation = await deps.provisioner.explain(job.id);
  const states = explanation?.candidates ?? declinedIn(requests);
  const ids = new Set(states.flatMap(({ version }) => version ?? []));
  const images = new Map((await namesOfVersions(deps.db, [...ids])).map((image) => [image.id, image]));
  const candidates: Candidate[] = [];
  for (const state of states) candidates.push(await withProspects(state, images, deps));
  return {
    runsOn: job.runs_on,
    candidates,
    nodes: (explanation?.nodes ?? []).map((entry) => nodeOf(entry, deps)),
    ahead: explanation?.ahead ?? 0,
  };
}

function declinedIn(requests: readonly NodeRequest[]): CandidateState[] {
  return requests
    .filter(({ state }) => state === 'requested' || state === 'pending')
    .flatMap(({ declines, images }) => declines.map((decline) => stateAfter(decline, images)));
}

function stateAfter(
  { cloud, template, code, reason, final }: Decline,
  images: WantedImages | null,
): CandidateState {
  const pin = images?.[`${cloud}/${template}`] ?? null;
  const verdict = final ? 'final' : 'declined';
  return { cloud, template, pin, version: pin, verdict, code, reason, until: null };
}

async function withProspects(
  state: CandidateState,
  images: ReadonlyMap<string, VersionName>,
  { db, breakers, history, times }: OutlookDeps,
): Promise<Candidate> {
  const { failures, reason, state: breaker } = breakers.state(subjectOf(idOf(state), state.pin), times.now);
  return {
    ...state,
    ...usualStartOf(state, history),
    failing: breaker === 'open' ? { failures, reason } : null,
    holdings: await holdingsOf(state, db),
    image: (state.version === null ? undefined : images.get(state.version)) ?? null,
  };
}

/** Asked for only where nodes have to come back first. */
async function holdingsOf({ code, cloud, template }: CandidateState, db: Db): Promise<Holding[]> {
  return code === 'quota' || code === 'hosts' ? newestHoldings(db, { cloud, template }, HOLDINGS) : [];
}

function nodeOf(
  { node }: RequestExplanation['nodes'][number],
  { history }: OutlookDeps,
): Outlook['nodes'][number] {
  const { id, cloud, template, state, created_at: createdAt } = node;
  return { id, cloud, template, state, createdAt, ...usualStartOf(node, history) };
}

function usualStartOf(
  place: { cloud: string; template: string },
  history: Pick<LaunchHistory, 'startMs'>,
): UsualStart {
  return { usualMs: history.startMs(idOf(place), 0.5), tailMs: history.startMs(idOf(place), 0.95) };
}

function idOf({ cloud, template }: { cloud: string; template: string }): { cloud: string; name: string } {
  return { cloud, name: template };
}
