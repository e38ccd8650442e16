import type { PullRequestFilter, RefFilter } from '#shared/pipeline';
import { filtersPaths, refusesPaths } from '../filters/paths.ts';
import type { Candidate } from './candidates.ts';

/** Why a pipeline starts nothing, before its paths are looked at; or the filter that lets it through. */
export type Verdict = { refusal: string } | { filter: RefFilter | PullRequestFilter };

interface Selection {
  chosen: Candidate[];
  notes: string[];
}

/** The candidates that the event is for. Which paths changed is asked once, and only if somebody wants to know. */
export async function select(
  candidates: readonly Candidate[],
  judge: (candidate: Candidate) => Verdict,
  askPaths: () => Promise<readonly string[] | undefined>,
): Promise<Selection> {
  const selection: Selection = { chosen: [], notes: [] };
  let paths: Promise<readonly string[] | undefined> | undefined;
  for (const candidate of candidates) {
    const refusal = await refusalOf(judge(candidate));
    if (refusal === undefined) selection.chosen.push(candidate);
    else selection.notes.push(`${candidate.file}: ${refusal}`);
  }
  return selection;

  async function refusalOf(verdict: Verdict): Promise<string | undefined> {
    if ('refusal' in verdict) return verdict.refusal;
    if (!filtersPaths(verdict.filter)) return undefined;
    paths ??= askPaths();
    const changed = await paths;
    return changed === undefined ? undefined : refusesPaths(verdict.filter, changed);
  }
}
