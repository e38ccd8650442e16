import type { Provider } from '#controller/store';

/** Headers of a request, by their names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The header where it came once. */
export function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

const EVENT = {
  git: ['x-github-event'],
  github: ['x-github-event'],
  gitea: ['x-forgejo-event', 'x-gitea-event', 'x-github-event'],
  gitlab: ['x-gitlab-event'],
} as const satisfies Record<Provider, readonly string[]>;

/** GitLab's event id is shared by hooks that set each other off; its idempotency key stays the same over retries alone. */
const DELIVERY = {
  git: ['x-github-delivery'],
  github: ['x-github-delivery'],
  gitea: ['x-forgejo-delivery', 'x-gitea-delivery', 'x-github-delivery'],
  gitlab: ['webhook-id', 'idempotency-key'],
} as const satisfies Record<Provider, readonly string[]>;

const MAX_LENGTH = 200;

/** What the service calls the event, such as `push` or `Merge Request Hook`. */
export function eventName(provider: Provider, headers: Headers): string {
  const name = firstOf(headers, EVENT[provider]) ?? 'unknown';
  // No sender speaks in Footman's own name: `own-event.ts`.
  return name.startsWith('footman.') ? 'unknown' : name;
}

/** The service's own id of the delivery, where it gives one. */
export function deliveryId(provider: Provider, headers: Headers): string | undefined {
  return firstOf(headers, DELIVERY[provider]);
}

function firstOf(headers: Headers, names: readonly string[]): string | undefined {
  const name = names.find((one) => header(headers, one) !== undefined);
  return name === undefined ? undefined : header(headers, name)?.slice(0, MAX_LENGTH);
}
