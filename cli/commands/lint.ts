import type { Problem } from '#shared/document';
import { printJson, type Context } from '../context.ts';
import { MISTAKES } from '../exit-codes.ts';
import { formatProblems, loadPipeline, type LoadedPipeline } from '../pipelines/index.ts';

interface Options {
  denyWarnings?: boolean;
}

/** Checks pipelines; every mistake of every file is told. Labels are the controller's to judge, when a build is started. */
export async function lint(
  context: Context,
  names: readonly string[],
  { denyWarnings = false }: Options,
): Promise<number> {
  const all: Problem[] = [];
  for (const name of names) {
    const loaded = await loadPipeline(name);
    all.push(...loaded.problems);
    if (context.options.json !== true) await tell(context, loaded);
  }
  if (context.options.json === true) await printJson(context, { problems: all });
  const isBad = denyWarnings ? all.length > 0 : all.some(isMistake);
  return isBad ? MISTAKES : 0;
}

/** Mistakes are what was asked for; warnings stand beside it. */
async function tell(
  { out, err, style, errStyle }: Context,
  { file, problems, textOf }: LoadedPipeline,
): Promise<void> {
  const mistakes = problems.filter(isMistake);
  const warnings = problems.filter((problem) => !isMistake(problem));
  await out.write(formatProblems(mistakes, out.isTerminal ? { style, textOf } : { style }));
  await err.write(
    formatProblems(warnings, err.isTerminal ? { style: errStyle, textOf } : { style: errStyle }),
  );
  if (mistakes.length === 0 && out.isTerminal) {
    const verdict = warnings.length === 0 ? 'no mistakes' : 'no mistakes, but warnings';
    await out.write(`${file.name}: ${style.paint('green', verdict)}\n`);
  }
}

function isMistake({ severity }: Problem): boolean {
  return severity !== 'warning';
}
