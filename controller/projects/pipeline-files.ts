import { posix } from 'node:path';
import picomatch from 'picomatch';
import { parsePipeline, type ParsedPipeline } from '#shared/pipeline';
import { formatBytes } from '#shared/quantity';
import type { Repository, TreeFile } from './repository.ts';

/** A pipeline file of a commit, read or not. */
export interface PipelineFile {
  /** Its path in the repository. */
  file: string;
  parsed: ParsedPipeline;
}

/** Far more than a repository has, and little enough to read at each push. */
const MAX_FILES = 100;
const MAX_INCLUDES = 64;
const MAX_BYTES = 1024 * 1024;
const MAX_TOTAL_BYTES = 5 * MAX_BYTES;
/** No pipeline's path is longer. */
const MAX_PATH = 255;

/** The pipeline files that these globs name, in the order of their paths, with the templates that they use. */
export async function readPipelines(
  repository: Repository,
  commit: string,
  globs: readonly string[],
): Promise<PipelineFile[]> {
  const isPipeline = picomatch([...globs], { dot: true });
  const below = [...new Set(globs.map((glob) => picomatch.scan(glob).base.replace(/^\.\/|^\.$/, '')))];
  const tree = await repository.files(commit, below);
  const named = tree.filter(({ path }) => isPlain(path) && isPipeline(path));
  const files = named.slice(0, MAX_FILES);
  const read: PipelineFile[] = [];
  let room = MAX_TOTAL_BYTES;
  // One after another: a hundred of them are neither a hundred processes nor one long silence of the controller.
  for (const file of files) {
    room -= file.bytes;
    read.push(
      room < 0
        ? tooLarge(file.path, `all pipeline files together may have at most ${formatBytes(MAX_TOTAL_BYTES)}`)
        : await readPipeline(repository, commit, file),
    );
  }
  return read;
}

/** A file's name is shown, and matched: a stranger's may be made to mislead people, or to keep the matching busy. */
function isPlain(path: string): boolean {
  return path.length <= MAX_PATH && !/\p{Cc}/u.test(path);
}

function tooLarge(file: string, message: string): PipelineFile {
  return { file, parsed: { ok: false, problems: [{ file, line: 1, column: 1, message, code: 'limit' }] } };
}

async function readPipeline(repository: Repository, commit: string, found: TreeFile): Promise<PipelineFile> {
  const { path: file, bytes } = found;
  if (bytes > MAX_BYTES) return tooLarge(file, `a pipeline file may have at most ${formatBytes(MAX_BYTES)}`);
  const source = (await repository.contentOf(found)).toString('utf8');
  return {
    file,
    parsed: await parseWithTemplates(source, file, (path) => readTemplate(repository, commit, path)),
  };
}

/** The parser asks for templates as it meets them and can't wait: it is run again until nothing is missing. */
async function parseWithTemplates(
  source: string,
  file: string,
  read: (path: string) => Promise<string | undefined>,
): Promise<ParsedPipeline> {
  const texts = new Map<string, string | undefined>();
  for (;;) {
    const missing = new Set<string>();
    const parsed = parsePipeline(source, file, {
      include(path) {
        if (!texts.has(path)) missing.add(path);
        return texts.get(path);
      },
    });
    if (missing.size === 0 || texts.size + missing.size > MAX_INCLUDES) return parsed;
    for (const path of missing) texts.set(path, await read(path));
  }
}

async function readTemplate(
  repository: Repository,
  commit: string,
  path: string,
): Promise<string | undefined> {
  const found = await repository.file(commit, posix.normalize(path));
  if (found === undefined || found.bytes > MAX_BYTES) return undefined;
  return (await repository.contentOf(found)).toString('utf8');
}
