import type { BuildOutline } from '#controller/store';

/** What becomes of a build that has ended, and why, as a sentence that follows "because". */
export interface Fate {
  build: Pick<BuildOutline, 'id' | 'number' | 'pipeline' | 'project_id' | 'result' | 'finished_at'> & {
    branch: string | null;
  };
  goes: boolean;
  reason: string;
  /** When its age has it go, where that is all that is left to wait for. */
  dueAt: number | null;
}

export function branchOf({ trigger }: Pick<BuildOutline, 'trigger'>): string | null {
  return trigger.branch ?? null;
}
