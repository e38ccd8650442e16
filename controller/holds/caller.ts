import { FootmanError } from '#shared/errors';

/** Who asks for something. */
export interface Caller {
  /** The name of a token. */
  actor: string;
  isAdmin: boolean;
}

/** @throws FootmanError `forbidden` where it is somebody else's; `what` begins the sentence */
export function assertOwn({ actor, isAdmin }: Caller, owner: string, what: string): void {
  if (isAdmin || actor === owner) return;
  throw new FootmanError('forbidden', `${what} is ${owner}'s`, {
    hint: 'its owner, or an administrator, can do that',
  });
}
