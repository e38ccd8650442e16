import type { Report } from '#shared/document';
import { referencesIn } from '#shared/expressions';
import { UNTRUSTED } from './context-fields.ts';
import { type Draft, entries } from '../draft.ts';
import type { Scope } from './scope.ts';

const HINT = 'pass it through "env", and let the script read the variable: "$NAME"';

/** Whatever is put into a script becomes a part of it: a branch called `$(reboot)` would be run. */
export function checkUntrusted({ path, value }: Draft, scope: Scope, report: Report): void {
  if (typeof value !== 'string') return;
  for (const reference of referencesIn(value, 'template')) {
    if (!isUntrusted(reference.path, scope.untrusted)) continue;
    const message = `${describe(reference.path)} may hold script code, and would be run here`;
    report(path, message, { index: reference.index, hint: HINT, severity: 'warning' });
  }
}

/** The variables into which something untrusted goes, and those of `outer` that this `env` does not set anew. */
export function untrustedVariables(env: Draft, outer: ReadonlySet<string> = new Set()): Set<string> {
  const found = new Set(outer);
  for (const [name, { value }] of entries(env)) {
    const references = typeof value === 'string' ? referencesIn(value, 'template') : [];
    if (references.some(({ path }) => isUntrusted(path, outer))) found.add(name);
    else found.delete(name);
  }
  return found;
}

function isUntrusted(path: readonly string[], variables: ReadonlySet<string>): boolean {
  const [context, name] = path;
  if (context === 'env') return name === undefined || name === '*' ? variables.size > 0 : variables.has(name);
  return UNTRUSTED.some((untrusted) => overlaps(path, untrusted));
}

/** Whether one of the paths leads to the other. */
function overlaps(path: readonly string[], other: readonly string[]): boolean {
  return other.every((step, index) => {
    const own = path[index];
    return own === undefined || own === '*' || own.toLowerCase() === step;
  });
}

function describe(path: readonly string[]): string {
  return path.join('.').replaceAll('.*', '[…]');
}
