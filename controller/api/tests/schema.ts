import { z } from 'zod';
import { Count, Flag, Id, number, Time } from '../http/fields.ts';

const TestResult = z.enum(['passed', 'failed', 'errored', 'skipped']);

export const TestCounts = z
  .object({
    total: Count,
    passed: Count,
    failed: Count,
    errored: Count.meta({ description: 'Tests that did not come to what they ask: their fixture failed.' }),
    skipped: Count,
    newFailures: Count.meta({ description: 'Those that failed or errored, and passed at their last run.' }),
    flaky: Count.meta({ description: 'Those that say different things about the same code.' }),
    ms: Count.meta({ description: 'Milliseconds that all of them took.' }),
  })
  .meta({ id: 'TestCounts' });

/** Names and texts come from whoever wrote the tests: they are to be shown, never to be run. */
const TestRun = z
  .object({
    testId: Id,
    jobId: Id,
    buildId: Id,
    build: z.int().positive().meta({ description: 'Number of the build.' }),
    job: z.string().meta({ description: 'Key of the job.' }),
    attempt: z.int().positive(),
    branch: z.string().meta({ description: '`pull/7` for a pull request; empty where a build has none.' }),
    commit: z.string().nullable(),
    suite: z.string().meta({ description: 'Class, module or file of the test.' }),
    name: z.string(),
    result: TestResult,
    ms: Count.nullable(),
    reruns: Count.meta({ description: 'How often it failed before, within the same job.' }),
    isNew: z.boolean().meta({ description: 'It failed, and passed at its last run.' }),
    isFlaky: z.boolean(),
    message: z.string().nullable(),
    at: Time,
  })
  .meta({ id: 'TestRun' });
export type TestRun = z.infer<typeof TestRun>;

const next = z.string().nullable();

export const TestRunList = z
  .object({
    counts: TestCounts,
    problems: z.array(z.string()).meta({ description: 'What could not be read of the reports.' }),
    tests: z.array(TestRun),
    next: next.meta({ description: 'Send it as `after` for the next tests; null when there are none.' }),
  })
  .meta({ id: 'TestRunList' });
export type TestRunList = z.infer<typeof TestRunList>;

const Text = z.string().min(1).max(1000);
const limit = number({ least: 1, most: 1000 }).default(100);

export const RunsQuery = z.strictObject({
  result: z
    .string()
    .transform((words) => words.split(','))
    .pipe(z.array(TestResult))
    .optional()
    .meta({ type: 'string', description: 'Only these results, such as `failed,errored`.' }),
  new: Flag.optional().meta({ description: 'Only new failures.' }),
  flaky: Flag.optional().meta({ description: 'Only flaky tests.' }),
  query: Text.optional().meta({ description: "A part of the test's names, in any case." }),
  limit,
  after: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}\.\d{1,15}$/, 'is not what a list told')
    .transform((text) => {
      const [artifactId = '', position = ''] = text.split('.');
      return { artifactId, position: Number(position) };
    })
    .optional()
    .meta({ type: 'string' }),
});

/** A run with its long texts. */
export const TestRunInFull = TestRun.extend({
  detail: z.string().nullable().meta({ description: 'What the report says of the failure.' }),
  stdout: z.string().nullable(),
  stderr: z.string().nullable(),
}).meta({ id: 'TestRunInFull' });
export type TestRunInFull = z.infer<typeof TestRunInFull>;

export const JobTestParams = z.strictObject({ job: Id, test: Id });

/** Which test it is. */
const TestNames = z.object({
  id: Id,
  projectId: Id.nullable(),
  pipeline: z.string(),
  job: z.string(),
  suite: z.string(),
  name: z.string(),
});

const Test = TestNames.extend({
  branch: z.string(),
  isFlaky: z.boolean(),
  isFailing: z.boolean(),
  recent: z
    .array(z.object({ build: z.int(), attempt: z.int(), result: z.enum(['passed', 'failed', 'mixed']) }))
    .meta({ description: 'The last runs, oldest first; `mixed` failed and passed within one job.' }),
  lastBuild: z.int().meta({ description: 'Number of the newest build that ran it.' }),
  lastAt: Time,
}).meta({ id: 'Test' });
export type Test = z.infer<typeof Test>;

export const TestList = z
  .object({
    tests: z.array(Test),
    next: next.meta({ description: 'Send it as `after` for the next tests; null when there are none.' }),
  })
  .meta({ id: 'TestList' });
export type TestList = z.infer<typeof TestList>;

export const TestsQuery = z.strictObject({
  project: Text.optional(),
  pipeline: Text.optional(),
  branch: z.string().max(1000).optional(),
  flaky: Flag.optional(),
  failing: Flag.optional(),
  query: Text.optional().meta({ description: "A part of the test's names, in any case." }),
  limit,
  after: z
    .string()
    .regex(/^[0-9a-f]{32}\./, 'is not what a list told')
    .max(2000)
    .transform((text) => ({ testId: text.slice(0, 32), branch: text.slice(33) }))
    .optional()
    .meta({ type: 'string' }),
});

export const TestParams = z.strictObject({ test: Id });

export const HistoryQuery = z.strictObject({
  branch: z.string().max(1000).optional(),
  limit,
  before: z
    .string()
    .regex(/^\d{1,15}\.\d{1,9}$/, 'is not what a list told')
    .transform((text) => {
      const [build, attempt] = text.split('.').map(Number);
      return { build: build ?? 0, attempt: attempt ?? 0 };
    })
    .optional()
    .meta({ type: 'string' }),
});

export const TestHistory = TestNames.extend({
  runs: z.array(TestRun).meta({ description: 'Newest first.' }),
  next: next.meta({ description: 'Send it as `before` for the older runs; null when there are none.' }),
}).meta({ id: 'TestHistory' });
export type TestHistory = z.infer<typeof TestHistory>;
