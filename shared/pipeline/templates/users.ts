import type { Document } from '#shared/document';
import { type Draft, entries, entry, items } from '../draft.ts';
import { POST_CONDITIONS } from '../pipeline.ts';

/** Every job and every step of a pipeline, or of a file of templates, that has a `uses`. */
export function usersIn(document: Document): Draft[] {
  const root: Draft = { path: [], value: document.value };
  const templates = [...entries(entry(root, 'templates')).values()];
  return [
    ...[...entries(entry(root, 'jobs')).values()].flatMap(usersInJob),
    ...templates.flatMap(usersInTemplate),
  ];
}

export function usersInTemplate(template: Draft): Draft[] {
  return [...usersInJob(entry(template, 'job')), ...items(entry(template, 'steps')).filter(isUser)];
}

function usersInJob(job: Draft): Draft[] {
  const post = entry(job, 'post');
  const lists = [entry(job, 'steps'), ...POST_CONDITIONS.map((when) => entry(post, when))];
  return [job, ...lists.flatMap(items)].filter(isUser);
}

function isUser(draft: Draft): boolean {
  return typeof entry(draft, 'uses').value === 'string';
}
