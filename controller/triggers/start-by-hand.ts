import { submitBuild, type SubmitDefaults } from '#controller/builds';
import type { Journal } from '#controller/events';
import type { Projects } from '#controller/projects';
import type { Build, Project } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { nearest } from '#shared/nearest';
import type { Pipeline } from '#shared/pipeline';
import { prepare, sortOut, type Candidate } from './look/index.ts';

/** What somebody wants to have built. */
export interface Wish {
  project: Project;
  /** A branch, a tag, a full ref or a commit; the default branch if absent. */
  ref?: string | undefined;
  /** A pipeline's file or its name; may be absent where the commit has only one. */
  pipeline?: string | undefined;
  parameters: Record<string, unknown>;
  actor: string;
}

interface Deps {
  journal: Journal;
  projects: Projects;
  admit(pipeline: Pipeline): void;
  submitDefaults: SubmitDefaults;
}

export type StartByHand = (wish: Wish, signal: AbortSignal) => Promise<Build>;

/** Starts builds of a project's repository as it is now, for whoever asks: what a pipeline says under `on` does not count. */
export function createStartByHand(deps: Deps): StartByHand {
  const { journal, projects, submitDefaults } = deps;

  return async function startByHand({ project, ref, pipeline, parameters, actor }, signal) {
    await projects.refresh(project, [], signal);
    const repository = projects.repository(project, signal);
    const name = ref ?? project.default_branch;
    const revision = await repository.resolve(name);
    if (revision === undefined)
      throw new FootmanError('not-found', `${project.name} has no branch, tag or commit ${name}`);
    const { commit, branch, tag } = revision;
    const { title, author } = await repository.textOf(commit);
    const where = { ...(branch === undefined ? {} : { branch }), ...(tag === undefined ? {} : { tag }) };
    const trigger = { event: 'manual' as const, ...where, title, author, actor };
    const candidate = choose(await projects.pipelines(project, commit, signal), pipeline);
    // Of a branch or a tag, be it by its commit; a pull request's head may be a fork's, whoever asks for it.
    const isOurs = branch !== undefined || tag !== undefined || (await repository.isMerged(commit));
    const trust = isOurs ? 'trusted' : 'fork';
    const occasion = { project, commit, ref: revision.ref, trigger, trust } as const;
    return submitBuild(journal, await prepare(deps, occasion, candidate, parameters, signal), submitDefaults);
  };
}

function choose(files: Parameters<typeof sortOut>[0], wanted: string | undefined): Candidate {
  const { candidates, broken } = sortOut(files);
  const isWanted = ({ file, pipeline }: Candidate) => file === wanted || pipeline.name === wanted;
  const fitting = wanted === undefined ? candidates : candidates.filter(isWanted);
  const spoilt = broken.find(({ file }) => wanted === undefined || file === wanted);
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0 && (wanted !== undefined || spoilt === undefined))
    return only;
  if (fitting.length === 0 && spoilt !== undefined)
    throw new FootmanError('document-invalid', spoilt.problems.join('\n'));
  const known = candidates.map(({ file }) => file);
  if (wanted === undefined && files.length > 1)
    throw new FootmanError('request-invalid', 'the commit has several pipelines; say which', {
      hint: known.join(', '),
    });
  if (others.length > 0)
    throw new FootmanError('request-invalid', `several pipelines are called ${wanted}; name the file`);
  const close = wanted === undefined ? [] : nearest(wanted, known);
  throw new FootmanError(
    'not-found',
    wanted === undefined ? 'the commit has no pipeline' : `the commit has no pipeline ${wanted}`,
    {
      hint:
        close.length > 0
          ? `did you mean ${close.join(' or ')}?`
          : known.length > 0
            ? `its pipelines: ${known.join(', ')}`
            : 'the project says under `pipelines` which files are pipelines',
    },
  );
}
