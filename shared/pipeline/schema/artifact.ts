import { isTemplate } from '#shared/expressions';
import { duration } from '#shared/quantity';
import { z } from 'zod';
import { directory, glob, name, plainLine } from './fields.ts';
import { MAX_GLOBS, MAX_ID_LENGTH } from '../limits.ts';
import { ARTIFACT_NAME } from '../names.ts';
import { oneOf } from './step.ts';

const globs = z.array(glob).min(1).max(MAX_GLOBS);

export const artifact = z
  .strictObject({
    name: name
      .refine(
        (text) => isTemplate(text) || ARTIFACT_NAME.test(text),
        'an artifact\'s name has letters, digits, ".", "_" and "-" only, and begins with a letter or a digit',
      )
      .optional()
      .describe(
        'Name of the artifact, unique within the job; "artifacts" by default. With `from`, the one to take; without it, all that the other job has left.',
      ),
    paths: z
      .union([glob, globs])
      .optional()
      .describe('The files to keep: a glob such as out/**, or a list of them, relative to the workspace.'),
    exclude: z.union([glob, globs]).optional().describe('Globs of files to leave out.'),
    when: z
      .enum(['success', 'failure', 'always'])
      .default('success')
      .describe('After which result of the job to keep the files.'),
    expire: duration
      .refine((milliseconds) => milliseconds > 0, 'it must be longer than 0s')
      .optional()
      .describe(
        'How long to keep the files, such as 14d; without it, as long as the retention of the controller says.',
      ),
    'if-empty': z
      .enum(['warn', 'error', 'ignore'])
      .default('warn')
      .describe('What to do when no file matches.'),
    archive: z
      .boolean()
      .default(false)
      .describe(
        'Whether to keep all files in one archive, a tar compressed with zstd, which is quicker for many small ones.',
      ),
    from: plainLine(MAX_ID_LENGTH)
      .optional()
      .describe('A job under `needs`: what it has left is put into the workspace before the steps.'),
    path: directory
      .optional()
      .describe(
        'With `from`: the directory to put the files into, relative to the workspace; without it, the workspace itself.',
      ),
  })
  .meta({ oneOf: oneOf('paths', 'from') })
  .describe(
    'Files of the workspace that are kept after the job (`paths`), or files of another job that are put into it before the job (`from`).',
  );

export const reports = z
  .strictObject({
    junit: z
      .union([glob, globs])
      .describe(
        'Files in the XML of JUnit, which most tools for tests can write: a glob such as out/**/*.xml, or a list of them.',
      ),
  })
  .describe('What the tests of the job tell, in files of the workspace: read after any result of the job.');

export type ArtifactSource = z.output<typeof artifact>;
export type ReportsSource = z.output<typeof reports>;
