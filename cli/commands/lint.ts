import { CATALOGUE } from '#shared/errors';
import type { Problem } from '#shared/document';
import { parsePipeline } from '#shared/pipeline';
import { printJson, type Context } from '../context.ts';
import { readPipelineFile } from '../pipeline-file.ts';
import { formatProblems } from '../problems.ts';

/** Checks pipelines; every mistake of every file is told. Labels are the controller's to judge, when a build is started. */
export async function lint(context: Context, names: readonly string[]): Promise<number> {
  const { out, style, options } = context;
  const all: Problem[] = [];
  for (const name of names) {
    const file = await readPipelineFile(name);
    const parsed = parsePipeline(file.source, file.name);
    const problems = parsed.ok ? [] : parsed.problems;
    all.push(...problems);
    if (options.json === true) continue;
    await out.write(formatProblems(problems, file.source, { style, excerpts: out.isTerminal }));
    if (parsed.ok && out.isTerminal)
      await out.write(`${file.name}: ${style.paint('green', 'no mistakes')}\n`);
  }
  if (options.json === true) await printJson(context, { problems: all });
  return all.length === 0 ? 0 : CATALOGUE['document-invalid'].exit;
}
