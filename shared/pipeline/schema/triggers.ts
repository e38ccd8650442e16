import { tryParseCron, tryTimezone } from '#shared/cron';
import { z } from 'zod';
import { plainLine } from './fields.ts';
import { branchGlob, pathGlob } from './filter-glob.ts';
import { MAX_GLOBS, MAX_NAME_LENGTH, MAX_SCHEDULES } from '../limits.ts';
import { parameters } from './parameters.ts';
import { toList } from '../convert/list.ts';

const branchGlobs = listOf(branchGlob);
const pathGlobs = listOf(pathGlob);

const branches = branchGlobs
  .optional()
  .describe('Globs of branches, such as main or release/**; one that begins with ! takes away again.');
const branchesIgnore = branchGlobs.optional().describe('Globs of branches that are left out.');
const paths = pathGlobs.optional().describe('Globs of files: at least one that was changed must match.');
const pathsIgnore = pathGlobs
  .optional()
  .describe('Globs of files that do not count: a change of nothing else starts no build.');

const push = z
  .strictObject({
    branches,
    'branches-ignore': branchesIgnore,
    tags: branchGlobs
      .optional()
      .describe('Globs of tags, such as v*; one that begins with ! takes away again.'),
    'tags-ignore': branchGlobs.optional().describe('Globs of tags that are left out.'),
    paths,
    'paths-ignore': pathsIgnore,
  })
  .describe('A push to the repository; without a filter, of every branch and every tag.');

const pullRequest = z
  .strictObject({ branches, 'branches-ignore': branchesIgnore, paths, 'paths-ignore': pathsIgnore })
  .describe(
    'A pull request that is opened or changed; its filters judge the branch that it is to be merged into.',
  );

const schedule = z
  .strictObject({
    cron: checked(plainLine(MAX_NAME_LENGTH), tryParseCron).describe(
      'Five fields (minute, hour, day of the month, month, day of the week), such as 0 3 * * *, or H 3 * * * for any minute.',
    ),
    timezone: checked(plainLine(MAX_NAME_LENGTH), tryTimezone)
      .default('UTC')
      .describe('The time zone of the fields, such as Europe/Berlin.'),
  })
  .describe('A time at which builds start.');

const manual = z
  .strictObject({ parameters: parameters.optional() })
  .describe('What a person (or the API) may choose when starting a build.');

const event = z.enum(['push', 'pull-request', 'manual']);

export const triggers = z
  .union([
    event,
    z.array(event).min(1),
    z.strictObject({
      push: z
        .union([push, z.null()])
        .optional()
        .describe('Starts a build for a push: all, or those that a filter names.'),
      'pull-request': z
        .union([pullRequest, z.null()])
        .optional()
        .describe('Starts a build for a pull request: all, or those that a filter names.'),
      schedule: z.array(schedule).min(1).max(MAX_SCHEDULES).optional().describe('Starts builds at times.'),
      manual: z
        .union([manual, z.null()])
        .optional()
        .describe('Parameters of builds. By hand, a build can always be started.'),
    }),
  ])
  .describe('What starts builds: push, pull-request, a list of these, or a mapping with filters.');

export type TriggersSource = z.output<typeof triggers>;
export type PushSource = z.output<typeof push>;
export type PullRequestSource = z.output<typeof pullRequest>;

function listOf(item: z.ZodType<string>) {
  return z
    .union([item, z.array(item).min(1).max(MAX_GLOBS)])
    .refine((globs) => !toList(globs).every((glob) => glob.startsWith('!')), {
      error: 'with nothing but ! in front, it matches nothing; begin with "**" to take away from all',
    });
}

type Verdict = { ok: true } | { ok: false; message: string; hint?: string; index?: number };

function checked<S extends z.ZodType<string>>(schema: S, judge: (text: string) => Verdict): S {
  return schema.superRefine((text, context) => {
    const verdict = judge(text);
    if (verdict.ok) return;
    const { message, hint, index } = verdict;
    context.addIssue({ code: 'custom', message, params: { hint, index } });
  });
}
