import { dirname, join, relative, resolve } from 'node:path';
import type { Problem } from '#shared/document';
import { parsePipeline, type Pipeline } from '#shared/pipeline';
import { readPipelineFile, type PipelineFile } from './pipeline-file.ts';
import { repositoryFiles } from './repository-files.ts';

/** A pipeline that was read and checked, with the template files of its repository that it uses. */
export interface LoadedPipeline {
  file: PipelineFile;
  /** Undefined where there are mistakes. */
  pipeline: Pipeline | undefined;
  /** Mistakes, or else warnings; each names its file as it is found from here. */
  problems: Problem[];
  /** Texts of template files, by the path that the pipeline names them by. */
  templates: Record<string, string>;
  /** The text of a file that a problem names. */
  textOf(file: string): string | undefined;
}

/** Reads a pipeline without asking anybody. `-` is standard input, in the repository of this folder. @throws FootmanError `not-found` */
export async function loadPipeline(name: string): Promise<LoadedPipeline> {
  const file = await readPipelineFile(name);
  const { root, read } = repositoryFiles(name === '-' ? process.cwd() : dirname(resolve(name)));
  const templates: Record<string, string> = {};
  const parsed = parsePipeline(file.source, file.name, { include });
  // People and editors open them from where they are.
  const names = new Map(
    Object.keys(templates).map((path) => [path, relative(process.cwd(), join(root, path))]),
  );
  const texts = new Map([[file.name, file.source]]);
  for (const [path, text] of Object.entries(templates)) texts.set(names.get(path) ?? path, text);
  const problems = parsed.ok ? parsed.warnings : parsed.problems;
  return {
    file,
    pipeline: parsed.ok ? parsed.pipeline : undefined,
    problems: problems.map((problem) => {
      const found = names.get(problem.file);
      return found === undefined ? problem : Object.assign({}, problem, { file: found });
    }),
    templates,
    textOf: (named) => texts.get(named),
  };

  function include(path: string): string | undefined {
    const text = read(path);
    if (text !== undefined) templates[path] = text;
    return text;
  }
}
