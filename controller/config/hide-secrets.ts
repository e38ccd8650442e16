import { isSection, type Section, type Written } from './section.ts';

/** A secret belongs into a file or a variable that the configuration names; but a kind of cloud may allow it, and people do such things. */
const SECRET_KEY = /(?:^|[-_])(?:password|passphrase|passwd|secret|token|api[-_]?key|private[-_]?key)$/i;
const HIDDEN = '(hidden)';

/** The configuration for other eyes than its owner's: without values that look like secrets. */
export function hideSecrets(document: Section): Section {
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, hideSecret(key, value)]));
}

/** The value of this key for other eyes. */
export function hideSecret(key: string, value: Written): Written {
  if (isSection(value)) return hideSecrets(value);
  if (Array.isArray(value)) return value.map((item) => hideSecret(key, item));
  if (value !== null && SECRET_KEY.test(key)) return HIDDEN;
  return typeof value === 'string' ? value.replace(/(\w:\/\/[^/@:\s]*):[^/@\s]*@/g, `$1:${HIDDEN}@`) : value;
}
