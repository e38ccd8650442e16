/** Projects: repositories, their mirrors on the controller's disk, and what is read from them. */
export { parseAddress } from './address.ts';
export { git, runGit } from './git.ts';
export { type PipelineFile } from './pipeline-files.ts';
export { plainLine } from './plain-line.ts';
export { createProjects, type Projects, type Remote } from './projects.ts';
export { openRepository, type CommitText, type Repository, type Revision } from './repository.ts';
export { sourceKey } from './sources.ts';
