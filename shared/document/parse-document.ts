import type { z } from 'zod';
import { buildTree } from './build-tree.ts';
import { checkSchema } from './check-schema.ts';
import { createDocument, type Document, offsetOf, type Where } from './document.ts';
import type { Finding } from './finding.ts';
import { createLineIndex } from './line-index.ts';
import type { Path } from './place.ts';
import type { Problem } from './problem.ts';
import { toProblems } from './to-problems.ts';
import { readYaml } from './read-yaml.ts';
import { findUnreadable } from './unreadable.ts';

export type Parsed<T> =
  | { ok: true; value: T; document: Document; warnings: Problem[] }
  /** At least one of the problems is an error. */
  | { ok: false; problems: Problem[] };

/** Adds a problem at a path of the document. */
export type Report = (path: Path, message: string, options?: ReportOptions) => void;

export interface ReportOptions extends Where {
  hint?: string | undefined;
  severity?: 'warning' | undefined;
}

/**
 * What a schema can't say: how parts of the document fit together. It sees the document as it is written, whether or
 * not it fits the schema, so that every mistake shows at once; it must therefore expect values of any kind.
 */
export type Check = (document: Document, report: Report) => void;

/** Hints, by key, or by a key and those around it: `steps.cache`. */
export type Strangers = ReadonlyMap<string, string>;

interface Options<S extends z.ZodType> {
  source: string;
  /** Name of the file, for problems. */
  file: string;
  /**
   * A schema's own messages are shown as they are, but for a leading "it", which becomes the name of the value. A custom issue's `params` may add `hint`, a sentence; `index`, where in
   * the text the mistake is; and `at: 'key'` where the key is the mistake.
   */
  schema: S;
  check?: Check;
  /** For keys that the schema does not know: what their author should write instead. */
  strangers?: Strangers;
}

/**
 * Reads a YAML document that a person wrote. Never throws for what is in it: every mistake becomes a problem at its
 * line and column, in the order of the file. After a mistake that leaves the rest unclear, the rest is not judged.
 */
export function parseDocument<S extends z.ZodType>(options: Options<S>): Parsed<z.output<S>> {
  const { file, schema, check } = options;
  // An editor shows no byte order mark, so that it must not count as a column either.
  const source = options.source.startsWith('\uFEFF') ? options.source.slice(1) : options.source;
  const unreadable = findUnreadable(source);
  const positionAt = createLineIndex(unreadable?.code === 'limit' ? '' : source);
  if (unreadable !== undefined) return fail([unreadable]);

  const { contents, findings, brokenAt } = readYaml(source);
  if (contents === undefined) return fail(findings.length > 0 ? findings : [EMPTY]);
  const root = buildTree(contents, positionAt, findings);
  // Whatever else was found may be a consequence.
  if (root === undefined) return fail(findings.slice(-1));

  const document = createDocument({ file, source, root, positionAt });
  const checked = checkSchema(schema, root, source, options.strangers);
  const unread = new Set(findings.map(({ offset }) => offset));
  findings.push(
    ...checked.findings.filter(
      (finding) => !unread.has(finding.offset) && endsBefore(source, finding, brokenAt),
    ),
  );
  if (brokenAt === Infinity) {
    check?.(document, (path, message, { hint, severity, ...where } = {}) => {
      const offset = offsetOf(source, root, path, where);
      findings.push({ offset, end: offset, code: 'bad-value', message, hint, severity });
    });
  }
  if (checked.value === undefined || findings.some(isError)) return fail(findings);
  return { ok: true, value: checked.value, document, warnings: toProblems(findings, file, positionAt) };

  function fail(found: Finding[]): { ok: false; problems: Problem[] } {
    return { ok: false, problems: toProblems(found, file, positionAt) };
  }
}

function isError({ severity }: Finding): boolean {
  return severity === undefined;
}

const EMPTY: Finding = { offset: 0, end: 0, code: 'syntax', message: 'the file is empty' };

/** After the place where the tree broke, what seems missing or wrong is most often there, but was not understood. */
function endsBefore(source: string, { end }: Finding, brokenAt: number): boolean {
  return brokenAt === Infinity || source.slice(end, brokenAt).trim() !== '';
}
