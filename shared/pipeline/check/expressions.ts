import type { Report } from '#shared/document';
import { checkCondition, checkTemplate, isTemplate, type Place, referencesIn } from '#shared/expressions';
import { checkReference } from './reference.ts';
import { checkUntrusted } from './untrusted.ts';
import { type Draft, entries, items } from '../draft.ts';
import { isPlace, type Places } from './places.ts';
import type { Scope } from './scope.ts';

/** The expressions of a part, each with what there is at its place. */
export function checkExpressions(part: Draft, places: Places, scope: Scope, report: Report): void {
  for (const [key, draft] of entries(part)) {
    const place = Object.hasOwn(places, key) ? places[key] : undefined;
    if (place === undefined) continue;
    if (!isPlace(place)) checkExpressions(draft, place, scope, report);
    else if (key === 'if') checkIf(draft, place, scope, report);
    else checkTexts(draft, place, scope, report);
    if (key === 'run') checkUntrusted(draft, scope, report);
  }
}

/** Of every text in it. */
function checkTexts(draft: Draft, place: Place, scope: Scope, report: Report): void {
  for (const item of items(draft)) checkTexts(item, place, scope, report);
  for (const item of entries(draft).values()) checkTexts(item, place, scope, report);
  const { path, value } = draft;
  if (typeof value !== 'string' || !isTemplate(value)) return;
  for (const { index, ...problem } of checkTemplate(value, place)) {
    report(path, problem.message, { index, hint: problem.hint });
  }
  checkReferences(draft, 'template', value, place, scope, report);
}

function checkIf(draft: Draft, place: Place, scope: Scope, report: Report): void {
  const { path, value } = draft;
  if (typeof value !== 'string' || value.trim() === '') return;
  for (const { index, ...problem } of checkCondition(value, place)) {
    report(path, problem.message, { index, hint: problem.hint });
  }
  checkReferences(draft, 'condition', value, place, scope, report);
}

function checkReferences(
  { path }: Draft,
  kind: 'template' | 'condition',
  text: string,
  place: Place,
  scope: Scope,
  report: Report,
): void {
  for (const reference of referencesIn(text, kind)) {
    // Another context is a problem of its own.
    if (!place.contexts.some((context) => context === reference.path[0])) continue;
    const complaint = checkReference(reference.path, scope);
    if (complaint === undefined) continue;
    report(path, complaint.message, { index: reference.index, hint: complaint.hint });
  }
}
