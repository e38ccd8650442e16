import type { BuildSource } from '#controller/store';
import type { Checkout } from '#shared/pipeline';
import { parseRepository, type Repository } from './repository.ts';
import { SCRIPT } from './script.ts';

/** Name under which the agent finds the build's own source. */
export const SOURCE_INPUT = 'source.bundle';

/** A script for `sh -e`, and the variables that carry its values: nothing of a pipeline is ever pasted into the script. */
export interface CheckoutScript {
  script: string;
  env: Record<string, string>;
  /** Whether the script expects the build's own source as the input `SOURCE_INPUT`. */
  takesSource: boolean;
}

const FULL_COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** A user for hosts that only look at the token: GitHub's own name for it, which GitLab, Gitea and Forgejo take too. */
const TOKEN_USER = 'x-access-token';
/** Seconds before the second and the third try. */
const BACKOFF = '2 8';

/**
 * How a checkout step runs on any node that has git.
 *
 * Without a repository it takes the build's own source; a `ref` that is not the build's commit comes from the repository of the build,
 * where it has one. `remote` is the address of that repository: it becomes `origin`, so that submodules and LFS files can be found.
 *
 * What can't be checked out is a script that says so and fails; this never throws.
 */
export function checkoutScript(
  checkout: Checkout,
  source: BuildSource | null,
  remote: string | null = null,
): CheckoutScript {
  const { ref, path = '.' } = checkout;
  if (ref !== undefined && !isRef(ref)) return refusal(`${JSON.stringify(ref)} is no branch, tag or commit`);
  if (!isInside(path)) return refusal(`${JSON.stringify(path)} is no path inside the workspace`);
  const takesSource = needsSource(checkout, source, remote);
  const address = checkout.repository ?? remote;
  if (address === null && !takesSource)
    return refusal('this build came without a source; name a repository under checkout');
  const repository = address === null ? undefined : parseRepository(address);
  if (address !== null && repository === undefined)
    return refusal(
      'the repository is none of https://…, ssh://…, user@host:path, git://… and a path on the node',
    );
  return {
    script: SCRIPT,
    env: {
      ...variables(checkout, repository),
      ...(takesSource && source !== null
        ? { CHECKOUT_BUNDLE: SOURCE_INPUT, CHECKOUT_REF: ref ?? source.commit }
        : { CHECKOUT_REF: ref ?? 'HEAD' }),
    },
    takesSource,
  };
}

function needsSource(
  { repository, ref }: Checkout,
  source: BuildSource | null,
  remote: string | null,
): boolean {
  if (repository !== undefined || source === null) return false;
  return ref === undefined || ref === source.commit || remote === null;
}

function variables(checkout: Checkout, repository: Repository | undefined): Record<string, string> {
  const { path = '.', ref = '', depth, submodules, lfs, knownHosts, sshKey } = checkout;
  return complete({
    CHECKOUT_PATH: `./${path}`,
    CHECKOUT_KIND: repository?.kind ?? 'none',
    CHECKOUT_REPOSITORY: repository?.url,
    CHECKOUT_BUNDLE: undefined,
    CHECKOUT_IS_COMMIT: FULL_COMMIT.test(ref) ? 'yes' : undefined,
    CHECKOUT_DEPTH: depth === undefined ? undefined : String(depth),
    CHECKOUT_SUBMODULES: submodules === false ? undefined : submodules === true ? 'direct' : 'recursive',
    CHECKOUT_LFS: lfs ? 'yes' : undefined,
    CHECKOUT_BACKOFF: BACKOFF,
    CHECKOUT_SSH_KEY: sshKey?.trim(),
    CHECKOUT_KNOWN_HOSTS: knownHosts?.trim(),
    ...httpVariables(checkout.token?.trim(), repository),
  });
}

/** The credential, and the only host that it is for. */
function httpVariables(
  token: string | undefined,
  repository: Repository | undefined,
): Record<string, string | undefined> {
  const { origin = '', user = null, password = null } = repository?.kind === 'http' ? repository : {};
  const [scheme, host] = origin.split('://');
  const given = token ? credentialsOf(token, user) : { user, password };
  return {
    CHECKOUT_PROTOCOL: scheme,
    CHECKOUT_HOST: host,
    CHECKOUT_USER: given.user ?? undefined,
    CHECKOUT_PASSWORD: given.password ?? undefined,
  };
}

function credentialsOf(token: string, user: string | null): { user: string; password: string } {
  const colon = token.indexOf(':');
  if (colon === -1) return { user: user ?? TOKEN_USER, password: token };
  return { user: token.slice(0, colon), password: token.slice(colon + 1) };
}

/** What may be a name of a ref by git-check-ref-format(1): nothing else is ever given to git as one. */
function isRef(ref: string): boolean {
  // eslint-disable-next-line no-control-regex
  return ref !== '' && !/^[-/+]|[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|[/.]$|\/\//.test(ref);
}

function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..');
}

function refusal(problem: string): CheckoutScript {
  return {
    script: 'printf \'%s\\n\' "$CHECKOUT_PROBLEM" >&2; exit 1',
    env: { CHECKOUT_PROBLEM: problem },
    takesSource: false,
  };
}

/** Every variable has a value: one of the same name from the pipeline or an earlier step is no part of this. */
function complete(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? '']));
}
