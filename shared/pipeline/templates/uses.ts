import { posix } from 'node:path';

/** A template as `uses` names it: its file, by its path from the top of the repository, and its name there. */
export type Uses =
  | { ok: true; path: string; template: string }
  | { ok: false; message: string; hint?: string; index?: number };

const EXAMPLE = 'write for example ./ci/common.yaml#unit';

/** What people of GitHub Actions reach for first. */
const ACTIONS = new Map([
  ['actions/checkout', 'write "checkout: true" instead'],
  ['actions/cache', 'write "cache" with "key" and "paths" instead'],
  ['actions/upload-artifact', 'write "artifacts" with "paths" on the job instead'],
  ['actions/download-artifact', 'write "artifacts" with "from" on the job instead'],
]);

export function readUses(text: string): Uses {
  if (!text.startsWith('./')) {
    const [action = ''] = text.split('@');
    const hint = ACTIONS.get(action) ?? EXAMPLE;
    return { ok: false, message: `${JSON.stringify(text)} is not a file of this repository`, hint };
  }
  const hash = text.indexOf('#');
  if (hash === -1 || hash === text.length - 1) {
    return { ok: false, message: 'the name of the template is missing', hint: EXAMPLE, index: text.length };
  }
  const path = text.slice(2, hash);
  if (path === '' || path !== posix.normalize(path) || /(?:^|\/)\.\.(?:\/|$)|[\\\0]/.test(path)) {
    const message = `${JSON.stringify(`./${path}`)} is no plain path from the top of the repository`;
    return { ok: false, message, hint: 'write it without "..", "//" and "\\"' };
  }
  return { ok: true, path, template: text.slice(hash + 1) };
}
