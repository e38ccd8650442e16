import { checkJob } from './job.ts';
import { checkIds } from './names.ts';
import { checkDeclarations } from './parameter.ts';
import { checkSteps } from './steps.ts';
import { checkText } from './text.ts';
import { type Draft, entries, entry, isMapping } from '../draft.ts';
import { MAX_TEMPLATES } from '../limits.ts';
import type { Workshop } from './workshop.ts';

/** What the schema can't say of a file of templates. */
export function checkTemplates(workshop: Workshop): void {
  const { document, report } = workshop;
  const root: Draft = { path: [], value: document.value };
  const templates = entry(root, 'templates');
  checkText(root, report);
  checkIds(templates, 'template', MAX_TEMPLATES, report);
  checkCycles(workshop);
  for (const template of entries(templates).values()) checkTemplate(template, workshop);
}

/** A template sees nothing of who uses it but what it is given. */
function checkTemplate(template: Draft, workshop: Workshop): void {
  const { report } = workshop;
  const parameters = entry(template, 'parameters');
  checkDeclarations(parameters, report);
  checkKind(template, workshop);
  const scope = {
    parameters: [...entries(parameters).keys()],
    needs: 'template',
    untrusted: new Set<string>(),
  } as const;
  const job = entry(template, 'job');
  if (job.value !== undefined) checkJob(job, scope, workshop);
  checkSteps(entry(template, 'steps'), { ...scope, matrix: 'none', steps: [] }, workshop);
}

function checkKind(template: Draft, { report }: Workshop): void {
  const { path, value } = template;
  if (!isMapping(value)) return;
  const isJob = Object.hasOwn(value, 'job');
  const isSteps = Object.hasOwn(value, 'steps');
  if (!isJob && !isSteps) report(path, 'the template holds nothing', { hint: 'it needs "job" or "steps"' });
  if (isJob && isSteps) {
    const hint = 'make two templates of it';
    report([...path, 'steps'], 'a template can\'t have both "job" and "steps"', { at: 'key', hint });
  }
  const needs = entry(entry(template, 'job'), 'needs');
  if (needs.value !== undefined) {
    const hint = 'whoever uses it says what it waits for';
    report(needs.path, 'a template can\'t have "needs"', { at: 'key', hint });
  }
}

function checkCycles({ document, expansions, report }: Workshop): void {
  for (const { ids, path } of expansions.cycles) {
    if (path[0] !== document.file) continue;
    report(path.slice(1), `templates use each other: ${ids.join(' uses ')}`, {
      hint: 'take one of these uses away',
    });
  }
}
