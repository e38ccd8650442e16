import { monotonicMs } from '../monotonic.ts';

/** How long transfers that belong together are tried while none of them succeeds. */
export interface Patience {
  /** Why the last attempt failed; undefined while all is well. */
  readonly trouble: string | undefined;
  succeeded(): void;
  /** Whether to try again: false once nothing has succeeded for too long. */
  failed(reason: string): boolean;
}

export function createPatience(limitMs: number): Patience {
  let trouble: string | undefined;
  let since: number | undefined;

  return {
    get trouble() {
      return trouble;
    },
    succeeded() {
      trouble = undefined;
      since = undefined;
    },
    failed(reason) {
      trouble = reason;
      since ??= monotonicMs();
      return monotonicMs() - since < limitMs;
    },
  };
}
