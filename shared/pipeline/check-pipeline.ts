import type { Document, Report } from '#shared/document';
import { checkArtifactNames } from './check-artifacts.ts';
import { checkEnv, checkJobIds } from './check-names.ts';
import { checkNeeds } from './check-needs.ts';
import { checkStep } from './check-step.ts';
import { checkText } from './check-text.ts';
import { type Draft, entries, entry, items } from './draft.ts';
import { MAX_JOBS } from './limits.ts';

/** What the schema can't say: names of keys, and what must fit together across steps and jobs. */
export function checkPipeline(document: Document, report: Report): void {
  const root: Draft = { path: [], value: document.value };
  const jobs = entries(entry(root, 'jobs'));
  checkText(root, report);
  checkEnv(entry(root, 'env'), report);
  checkJobIds(entry(root, 'jobs'), report);
  // More jobs than that are a problem of its own, and their cycles could cost too much.
  if (jobs.size <= MAX_JOBS) checkNeeds(jobs, report);
  for (const job of jobs.values()) {
    checkEnv(entry(job, 'env'), report);
    checkArtifactNames(items(entry(job, 'artifacts')), report);
    for (const step of items(entry(job, 'steps'))) {
      checkEnv(entry(step, 'env'), report);
      checkStep(step, report);
    }
  }
}
