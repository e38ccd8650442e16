import { z } from 'zod';
import { NODE_STATES, VERSION_STATES } from '#controller/store';
import { duration } from '#shared/quantity';

/** Names an object; what it looks like is the store's affair, but no more than these characters. */
export const Id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'is no id');

/** A build by its id, or by the number that people call it. */
export const BuildName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'is neither an id nor a number');

/** Milliseconds since the epoch. */
export const Time = z.int().meta({ description: 'Milliseconds since the epoch.' });

export const Count = z.int().nonnegative();

/** A length of time as people write it, such as `4h`, read into milliseconds. */
export const Period = duration.refine((milliseconds) => milliseconds > 0, 'is no time at all');

/** Why, for people. */
export const Reason = z
  .string()
  .trim()
  .min(1)
  .max(500)
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'is one line of text')
  .meta({ description: 'One sentence for people.' });

/** A whole number in a query. */
export function number({ least = 0, most = Number.MAX_SAFE_INTEGER } = {}) {
  return z.coerce.number().int().min(least).max(most);
}

/** A yes or no in a query. */
export const Flag = z
  .enum(['true', 'false', '1', '0', ''])
  .transform((text) => text !== 'false' && text !== '0')
  .meta({ type: 'boolean' });

export const BuildState = z.enum(['queued', 'running', 'finished']);
export const JobState = z.enum(['blocked', 'queued', 'leased', 'running', 'finished']);
export const StepState = z.enum(['pending', 'running', 'finished']);
export const Result = z.enum(['success', 'failure', 'errored', 'timed-out', 'cancelled', 'skipped']);
export const RequestState = z.enum(['requested', 'pending', 'fulfilled', 'failed', 'withdrawn']);
export const NodeState = z.enum(NODE_STATES);
export const VersionState = z.enum(VERSION_STATES);
/** What people call a version of an image stream. */
export const VersionName = z.object({
  id: Id,
  name: z.string(),
  stream: z.string(),
  number: z.int().positive(),
});
export const HostState = z.enum(['free', 'busy', 'resetting', 'quarantined']);
export const ArtifactState = z.enum([
  'pending',
  'collecting',
  'waiting',
  'complete',
  'failed',
  'empty',
  'expiring',
  'expired',
]);
