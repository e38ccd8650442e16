import type { Path, Report, Where } from '#shared/document';
import { type Draft, entries, items } from '../draft.ts';

/** What no text of a pipeline may hold, keys included. */
export function checkText(draft: Draft, report: Report): void {
  if (typeof draft.value === 'string') checkString(draft.value, draft.path, report);
  for (const item of items(draft)) checkText(item, report);
  for (const [key, item] of entries(draft)) {
    checkString(key, item.path, report, { at: 'key' });
    checkText(item, report);
  }
}

function checkString(text: string, path: Path, report: Report, where?: Where): void {
  const nul = text.indexOf('\0');
  if (nul !== -1) report(path, "a NUL byte can't be passed to a program", { index: nul, ...where });
}
