import { posix } from 'node:path';
import { parseDocument, type Problem } from '#shared/document';
import { checkPipeline } from './check-pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import { pipelineSchema } from './schema.ts';
import { toPipeline } from './to-pipeline.ts';

export type ParsedPipeline = { ok: true; pipeline: Pipeline } | { ok: false; problems: Problem[] };

/** Reads a pipeline. Never throws for what is in it: all its mistakes are problems, in the order of the file. `file` is its name, for problems and as the default of the pipeline's name. */
export function parsePipeline(source: string, file: string): ParsedPipeline {
  const parsed = parseDocument({ source, file, schema: pipelineSchema, check: checkPipeline });
  if (!parsed.ok) return parsed;
  const { value, document } = parsed;
  return { ok: true, pipeline: toPipeline(value, document, stemOf(file)) };
}

function stemOf(file: string): string {
  return posix.basename(file).replace(/\.ya?ml$/i, '') || 'pipeline';
}
