import { isNone } from './fields.ts';
import { nothing, type RepositoryEvent } from './event.ts';

interface Moved {
  ref: string;
  before: string;
  after: string;
}

/** What a push of any service comes down to. */
export function pushOf({ ref, before, after }: Moved, actor: string | undefined): RepositoryEvent {
  if (isNone(after)) return nothing(`${ref} was removed`);
  if (!/^refs\/(?:heads|tags)\/./.test(ref)) return nothing(`${ref} is neither a branch nor a tag`);
  return { kind: 'push', ref, before: isNone(before) ? undefined : before, after, actor };
}
