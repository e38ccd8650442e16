import type { BuildOutline } from '#controller/store';
import { formatDuration } from '#shared/quantity';
import { branchOf, type Fate } from './fate.ts';
import type { KeepBuilds } from '#controller/config';

/** Builds of one pipeline and branch, newest first. */
export interface Lines {
  /** What the rules alone make of the line's next build. */
  judge(build: BuildOutline, keep: KeepBuilds, now: number): Verdict;
}

export interface Verdict extends Pick<Fate, 'goes' | 'reason' | 'dueAt'> {
  /** Whether it stays however much room is wanted. */
  isLastGood: boolean;
}

interface Line {
  /** Builds that came so far. */
  length: number;
  hasGood: boolean;
}

export function createLines(): Lines {
  const lines = new Map<string, Line>();

  return {
    judge(build, keep, now) {
      const line = lineOf(build);
      line.length += 1;
      if (build.result === 'success' && !line.hasGood) {
        line.hasGood = true;
        return { ...stays('it is the last good one'), isLastGood: true };
      }
      return judgeRank(build, line.length, keep, now);
    },
  };

  function lineOf(build: BuildOutline): Line {
    const key = JSON.stringify([build.project_id, build.pipeline, branchOf(build), kindOf(build)]);
    const known = lines.get(key) ?? { length: 0, hasGood: false };
    lines.set(key, known);
    return known;
  }
}

/** `rank` counts from 1, the newest. */
function judgeRank(
  { created_at: created, finished_at: finished }: BuildOutline,
  rank: number,
  { age, atLeast, atMost }: KeepBuilds,
  now: number,
): Verdict {
  if (atMost !== null && rank > atMost) return goes(`there are ${rank - 1} newer ones, and ${atMost} stay`);
  if (age === null) return stays('nothing limits its age');
  if (rank <= atLeast) return stays(`it is one of the newest ${atLeast}`);
  const dueAt = (finished ?? created) + age;
  if (now >= dueAt) return goes(`it is older than ${formatDuration(age)}`);
  return { ...stays(`it is not older than ${formatDuration(age)}`), dueAt };
}

/** What makes images, or starts machines again, is another thing than the pipeline that it is called after. */
function kindOf({ trigger: { event } }: BuildOutline): string {
  return event === 'preparation' || event === 'resume' ? event : '';
}

function stays(reason: string): Verdict {
  return { goes: false, reason, dueAt: null, isLastGood: false };
}

function goes(reason: string): Verdict {
  return { goes: true, reason, dueAt: null, isLastGood: false };
}
