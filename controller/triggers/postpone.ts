import type { Journal } from '#controller/events';
import { patchDelivery, type Delivery } from '#controller/store';
import { messageOf, FootmanError } from '#shared/errors';
import { endDelivery } from './delivery-life-cycle.ts';

const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 15 * 60_000;
/** Over about two hours. */
const MAX_ATTEMPTS = 15;
/** For a commit that is not there: a service that tells of it before it shows it needs seconds. */
const MAX_LOOKS = 4;

/** Puts a delivery off that could not be looked at, or gives it up after the last try. The reason says what went wrong meanwhile. */
export async function postpone(journal: Journal, delivery: Delivery, error: unknown): Promise<void> {
  const attempts = delivery.attempts + 1;
  const isMissing = error instanceof FootmanError && error.code === 'not-found';
  const reason = sentenceOf(error);
  await journal.commit(async (tx) => {
    if (attempts >= (isMissing ? MAX_LOOKS : MAX_ATTEMPTS)) {
      await endDelivery(tx, delivery, 'failed', reason);
      return;
    }
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS);
    await patchDelivery(tx.db, delivery.id, { attempts, reason, due_at: tx.at + wait });
  });
}

/** What nobody foresaw is in the log; the reason is for everybody to read. */
function sentenceOf(error: unknown): string {
  return error instanceof FootmanError
    ? messageOf(error)
    : 'something went wrong; the log of the controller says what';
}
