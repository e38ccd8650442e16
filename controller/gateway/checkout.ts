import type { BuildSource } from '#controller/store';
import type { Checkout } from '#shared/pipeline';

/** Name under which the agent finds the build's own source. */
export const SOURCE_INPUT = 'source.bundle';

/** A script for `sh -e`, and the variables that carry its values: nothing of a pipeline is ever pasted into the script. */
export interface CheckoutScript {
  script: string;
  env: Record<string, string>;
}

const GIT_ENV = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'advice.detachedHead',
  GIT_CONFIG_VALUE_0: 'false',
};

const FROM_BUNDLE = `
command -v git >/dev/null || { echo "checkout needs git, and this node has none" >&2; exit 127; }
git init --quiet "$CHECKOUT_PATH"
cd "$CHECKOUT_PATH"
bundle=$FOOTMAN_INPUTS/${SOURCE_INPUT}
# Where the history of a shallow clone ends, as the sender says.
ends=$(git bundle list-heads "$bundle" | sed -n 's, refs/shallow/.*,,p')
[ -z "$ends" ] || echo "$ends" >.git/shallow
git bundle unbundle "$bundle" >/dev/null
git checkout --quiet --detach "$CHECKOUT_REF"
git log -1 --format='%h %s'
`;

const FROM_REPOSITORY = `
command -v git >/dev/null || { echo "checkout needs git, and this node has none" >&2; exit 127; }
git init --quiet "$CHECKOUT_PATH"
cd "$CHECKOUT_PATH"
git fetch --no-tags \${CHECKOUT_DEPTH:+--depth "$CHECKOUT_DEPTH"} -- "$CHECKOUT_REPOSITORY" "$CHECKOUT_REF"
git checkout --quiet --detach FETCH_HEAD
git log -1 --format='%h %s'
`;

/** How a checkout step runs on any node that has git. A checkout without a repository takes the build's own source. */
export function checkoutScript(
  { repository, ref, path, depth }: Checkout,
  source: BuildSource | null,
): CheckoutScript {
  const env = { ...GIT_ENV, CHECKOUT_PATH: path ?? '.' };
  if (repository !== undefined) {
    const fetched = { CHECKOUT_REPOSITORY: repository, CHECKOUT_REF: ref ?? 'HEAD' };
    return {
      script: FROM_REPOSITORY,
      env: { ...env, ...fetched, ...(depth === undefined ? {} : { CHECKOUT_DEPTH: String(depth) }) },
    };
  }
  if (source === null) {
    const script = 'echo "this build came without a source; name a repository under checkout" >&2; exit 1';
    return { script, env: {} };
  }
  return { script: FROM_BUNDLE, env: { ...env, CHECKOUT_REF: ref ?? source.commit } };
}
