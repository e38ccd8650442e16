import { z } from 'zod';
import { Count, Id, Time } from '../http/fields.ts';

const CommitState = z.enum(['pending', 'running', 'success', 'failure', 'error', 'cancelled']);

export const CommitStatus = z
  .object({
    sha: z.string(),
    context: z.string(),
    buildId: Id.nullable().meta({ description: 'Null where a broken file kept it from being built.' }),
    state: CommitState,
    description: z.string(),
    told: CommitState.nullable().meta({ description: 'What the provider took last.' }),
    failures: Count.meta({ description: 'Tries since then.' }),
    problem: z.string().nullable().meta({ description: 'Why the last try failed.' }),
    nextTryAt: Time.nullable().meta({ description: 'Null when it is told, or was given up.' }),
  })
  .meta({ id: 'CommitStatus' });
export type CommitStatus = z.infer<typeof CommitStatus>;

export const CommitStatusList = z
  .object({ statuses: z.array(CommitStatus) })
  .meta({ id: 'CommitStatusList' });
export type CommitStatusList = z.infer<typeof CommitStatusList>;
