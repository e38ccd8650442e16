import { isTemplate } from '#shared/expressions';
import { z } from 'zod';
import { glob, name } from './fields.ts';
import { MAX_GLOBS } from '../limits.ts';
import { ARTIFACT_NAME } from '../names.ts';

const globs = z.array(glob).min(1).max(MAX_GLOBS);

export const artifact = z
  .strictObject({
    name: name
      .refine(
        (text) => isTemplate(text) || ARTIFACT_NAME.test(text),
        'an artifact\'s name has letters, digits, ".", "_" and "-" only, and begins with a letter or a digit',
      )
      .optional()
      .describe('Name of the artifact, unique within the job; "artifacts" by default.'),
    paths: z
      .union([glob, globs])
      .describe('The files to keep: a glob such as out/**, or a list of them, relative to the workspace.'),
    exclude: z.union([glob, globs]).optional().describe('Globs of files to leave out.'),
    when: z
      .enum(['success', 'failure', 'always'])
      .default('success')
      .describe('After which result of the job to keep the files.'),
    'if-empty': z
      .enum(['warn', 'error', 'ignore'])
      .default('warn')
      .describe('What to do when no file matches.'),
  })
  .describe('Files of the workspace that are kept after the job.');

export type ArtifactSource = z.output<typeof artifact>;
