import type { Tx } from '#controller/events';
import { newId, putCommitStatus, type Project } from '#controller/store';
import { reports } from './note-build.ts';
import { contextOf, describeBroken } from './wanted.ts';

/** A pipeline's file that could not become a build. */
export interface BrokenFile {
  file: string;
  /** The commit that has it. */
  sha: string;
  /** What is wrong, for its author; shown to whoever sees the commit. */
  sentence: string;
}

/** Notes that the commit's author is to be told, as part of what found it out. Nothing happens for a project that reports nothing. */
export async function reportBroken(tx: Tx, project: Project, broken: BrokenFile): Promise<void> {
  if (!reports(project)) return;
  await putCommitStatus(tx.db, {
    id: newId(),
    project_id: project.id,
    sha: broken.sha,
    context: contextOf(broken.file),
    build_id: null,
    number: 0,
    wanted: 'error',
    description: describeBroken(broken.sentence),
    told: null,
    failures: 0,
    problem: null,
    due_at: tx.at,
  });
}
