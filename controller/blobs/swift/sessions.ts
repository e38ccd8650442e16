import { abortable } from '#shared/abortable';
import type { SwiftSettings } from '../settings.ts';
import type { Http } from './http.ts';
import { logInToKeystone } from './keystone.ts';
import { logInToTempAuth } from './tempauth.ts';
import { withRetries } from './retry.ts';
import type { Session } from './session.ts';
import { within } from './within.ts';

export interface Sessions {
  /** The one that is good now. */
  current(signal: AbortSignal): Promise<Session>;
  /** The storage doesn't take it any more. */
  forget(session: Session): void;
}

/** A session that is about to end is not begun with. */
const MARGIN_MS = 5 * 60_000;
/** A login is everybody's, and ends with no single caller. */
const LOGIN_TIMEOUT_MS = 60_000;

/** Logs in when somebody needs it, once for all who do. */
export function createSessions(auth: SwiftSettings['auth'], http: Http, now: () => number): Sessions {
  let latest: Promise<Session> | undefined;
  let known: Session | undefined;

  function attempt(signal: AbortSignal): Promise<Session> {
    return auth.kind === 'tempauth'
      ? logInToTempAuth(auth, http, now, signal)
      : logInToKeystone(auth, http, signal);
  }

  async function logIn(): Promise<Session> {
    try {
      known = await within(LOGIN_TIMEOUT_MS, (signal) => withRetries(() => attempt(signal), signal));
      return known;
    } finally {
      latest = undefined;
    }
  }

  return {
    async current(signal) {
      if (known !== undefined && known.expiresAt - MARGIN_MS > now()) return known;
      latest ??= logIn();
      return abortable(latest, signal);
    },
    forget(session) {
      if (known === session) known = undefined;
    },
  };
}
