import { z } from 'zod';
import {
  cacheKey,
  cachePath,
  condition,
  directory,
  flag,
  name,
  plainLine,
  timeoutTemplate,
} from './fields.ts';
import * as limits from '../limits.ts';
import { ID } from '../names.ts';
import { checkout } from './checkout.ts';
import { env } from './env.ts';
import { given } from './parameters.ts';
import { splitWords } from './split-words.ts';

const cache = z
  .strictObject({
    key: cacheKey.describe(
      'What the files are kept under, such as npm-${{ hashFiles("package-lock.json") }}.',
    ),
    'restore-keys': z
      .union([cacheKey, z.array(cacheKey).min(1).max(limits.MAX_RESTORE_KEYS)])
      .optional()
      .describe(
        'Beginnings of keys, tried in order when nothing has the key itself; the newest entry counts.',
      ),
    paths: z
      .union([cachePath, z.array(cachePath).min(1).max(limits.MAX_CACHE_PATHS)])
      .describe('Files and directories, relative to the workspace, or below the home directory with ~/.'),
  })
  .describe(
    'Files kept from one build for the next ones. They are restored here, and saved when the job has succeeded.',
  );

const reboot = z
  .union([
    z.null(),
    z.strictObject({
      timeout: timeoutTemplate
        .prefault('10m')
        .describe('How long the machine has to go down and come back, its agent included.'),
    }),
  ])
  .describe(
    'Restarts the machine of the node, with the disks that it has: nothing, or a mapping with `timeout`. The steps after it go on there.',
  );

export const shell = plainLine(limits.MAX_SHELL_LENGTH)
  .superRefine((line, context) => {
    const split = splitWords(line);
    if (split.ok) return;
    context.addIssue({ code: 'custom', message: split.message, params: { index: split.index } });
  })
  .describe(
    'What runs the script: sh (the default), bash, python, or a command line in which {0} stands for the file of the script.',
  );

export const workingDirectory = directory.describe(
  'Where the script runs, relative to the workspace; the workspace itself by default.',
);

const script = z
  .string()
  .max(limits.MAX_SCRIPT_LENGTH)
  .refine((text) => text.trim() !== '', 'the script is empty')
  .describe('The script that the step runs. It fails the step when it ends with another exit code than 0.');

export const step = z
  .strictObject({
    name: name.optional().describe('What people call the step; without it, the first line of its script.'),
    id: plainLine(limits.MAX_ID_LENGTH)
      .regex(ID, 'an id has letters, digits, "_" and "-" only, and begins with a letter or "_"')
      .optional()
      .describe('What other steps of the job call it: steps.ID.outputs.NAME.'),
    if: condition
      .optional()
      .describe(
        'The condition under which the step runs; without it, success(): no step before it has failed. With or without ${{ }}.',
      ),
    run: script.optional(),
    checkout: checkout.optional(),
    cache: cache.optional(),
    reboot: reboot.optional(),
    uses: plainLine(limits.MAX_PATH_LENGTH)
      .optional()
      .describe('A template of steps in a file of the same repository, such as ./ci/common.yaml#install.'),
    with: given.optional(),
    env: env.optional(),
    'continue-on-error': flag
      .optional()
      .describe('Whether the job goes on, and may succeed, though the step fails; false by default.'),
    timeout: timeoutTemplate
      .optional()
      .describe(
        'How long the step may run, such as 90s or 10m; without it, only the timeout of its job counts.',
      ),
    shell: shell.optional(),
    'working-directory': workingDirectory.optional(),
  })
  .meta({ oneOf: oneOf('run', 'checkout', 'cache', 'reboot', 'uses') })
  .describe('One step: exactly one of `run`, `checkout`, `cache`, `reboot` and `uses`.');

export type CacheSource = z.output<typeof cache>;

/** For editors: exactly one of the keys. */
export function oneOf(...keys: string[]): { required: string[] }[] {
  return keys.map((key) => ({ required: [key] }));
}
