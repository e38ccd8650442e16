import { posix } from 'node:path';
import { type Document, parseDocument, type Problem, type Report } from '#shared/document';
import { checkPipeline } from './check/pipeline.ts';
import { checkTemplates } from './check/templates.ts';
import { createExpansions, type Expansions } from './templates/expansion.ts';
import { createLibrary, type Include, type Library, type TemplateFile } from './templates/library.ts';
import { MAX_EXPANDED_LENGTH } from './limits.ts';
import type { Pipeline } from './pipeline.ts';
import { pipelineSchema } from './schema/pipeline.ts';
import { templatesSchema } from './schema/template.ts';
import { isLongerThan } from './check/size.ts';
import { STRANGERS } from './schema/strangers.ts';
import { toPipeline } from './convert/pipeline.ts';

export type ParsedPipeline =
  | {
      ok: true;
      pipeline: Pipeline;
      warnings: Problem[];
      /** Paths of the files of templates that were read. */
      includes: string[];
    }
  /** At least one of the problems is an error. */
  | { ok: false; problems: Problem[] };

interface Options {
  /**
   * The text of a file of the pipeline's repository, by its path from the top (`ci/common.yaml`); nothing when there is none. Asked at
   * most once for each path. Without it, the pipeline can't use templates.
   */
  include?: Include;
}

/**
 * Reads a pipeline. Never throws for what is in it, nor in its templates: all mistakes are problems, in the order of the file, then of the
 * templates' files. `file` is its name, for problems and as the default of the pipeline's name.
 */
export function parsePipeline(source: string, file: string, { include }: Options = {}): ParsedPipeline {
  const library = createLibrary(include);
  const ofTemplates: Problem[] = [];
  const parsed = parseDocument({ source, file, schema: pipelineSchema, strangers: STRANGERS, check });
  const problems = [...(parsed.ok ? parsed.warnings : parsed.problems), ...ofTemplates];
  if (!parsed.ok || !problems.every(isWarning)) return { ok: false, problems };

  const pipeline = toPipeline(parsed.value, parsed.document, library, stemOf(file));
  if (isLongerThan(MAX_EXPANDED_LENGTH, pipeline)) return { ok: false, problems: [tooLong(file)] };
  return { ok: true, pipeline, warnings: problems, includes: library.files().map(({ path }) => path) };

  function check(document: Document, report: Report): void {
    library.readAll(document);
    const expansions = createExpansions(library);
    checkPipeline({ document, report, library, expansions });
    for (const template of library.files()) ofTemplates.push(...checkFile(template, library, expansions));
  }
}

function checkFile({ path, text }: TemplateFile, library: Library, expansions: Expansions): Problem[] {
  const parsed = parseDocument({
    source: text,
    file: path,
    schema: templatesSchema,
    strangers: STRANGERS,
    check: (document, report) => checkTemplates({ document, report, library, expansions }),
  });
  if (!parsed.ok) return parsed.problems;
  library.keep(path, parsed.value);
  return parsed.warnings;
}

function isWarning({ severity }: Problem): boolean {
  return severity === 'warning';
}

function tooLong(file: string): Problem {
  return {
    file,
    line: 1,
    column: 1,
    message: 'the pipeline is longer than 8 MiB once templates and aliases stand for what they name',
    hint: 'move long scripts into files of their own',
    code: 'limit',
  };
}

function stemOf(file: string): string {
  return posix.basename(file).replace(/\.ya?ml$/i, '') || 'pipeline';
}
