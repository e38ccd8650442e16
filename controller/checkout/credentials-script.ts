/**
 * Makes `run_git`, which is git with the credentials of this checkout and none of the node's. They lie in files that only this user can
 * read, beside the step's inputs: outside the workspace, and in the folder that the agent removes whatever happens to the script.
 */
export const CREDENTIALS = String.raw`
fail() {
  printf 'checkout: %s\n' "$1" >&2
  exit 1
}
command -v git >/dev/null || fail 'this node has no git; install it in its image'

private=$FOOTMAN_INPUTS/checkout
trap 'rm -rf "$private"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
(umask 077; mkdir "$private"; : >"$private/errors")

# Messages are read below; and nothing of the node may lead git elsewhere, or ask a person.
export LC_ALL=C GIT_TERMINAL_PROMPT=0 GIT_LFS_SKIP_SMUDGE=1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE \
  GIT_ASKPASS SSH_ASKPASS GIT_SSH GIT_SSH_COMMAND GIT_CONFIG GIT_TRACE_REDACT

# The password goes to its own host only, wherever a redirect, a submodule or a file of the repository leads.
if [ -n "$CHECKOUT_PASSWORD" ]; then
  (
    umask 077
    printf 'username=%s\npassword=%s\n' "$CHECKOUT_USER" "$CHECKOUT_PASSWORD" >"$private/login"
    printf '%s\n' \
      '[ "$1" = get ] || exit 0' \
      'while IFS="=" read -r name value; do case $name in protocol) protocol=$value ;; host) host=$value ;; esac; done' \
      '[ "$protocol://$host" != "$CHECKOUT_PROTOCOL://$CHECKOUT_HOST" ] || cat "$CHECKOUT_PRIVATE/login"' \
      >"$private/credentials"
  )
fi

# An SSH server is trusted for its key only.
ssh='ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=30 -o ServerAliveInterval=30'
if [ -n "$CHECKOUT_KNOWN_HOSTS" ]; then
  printf '%s\n' "$CHECKOUT_KNOWN_HOSTS" >"$private/known_hosts"
  ssh="$ssh"' -o UserKnownHostsFile="\"$CHECKOUT_PRIVATE/known_hosts\"" -o GlobalKnownHostsFile=/dev/null'
fi
if [ -n "$CHECKOUT_SSH_KEY" ]; then
  (umask 077; printf '%s\n' "$CHECKOUT_SSH_KEY" | tr -d '\r' >"$private/key")
  ssh="$ssh"' -o IdentitiesOnly=yes -o IdentityAgent=none -i "$CHECKOUT_PRIVATE/key"'
fi
[ "$CHECKOUT_KIND" != ssh ] || command -v ssh >/dev/null || fail 'this node has no ssh; install it in its image'
export CHECKOUT_PRIVATE="$private" CHECKOUT_PROTOCOL CHECKOUT_HOST GIT_SSH_COMMAND="$ssh"
unset CHECKOUT_USER CHECKOUT_PASSWORD CHECKOUT_SSH_KEY CHECKOUT_KNOWN_HOSTS

# The node's own configuration counts (proxies, authorities), and a repository of another user on this node may be read.
{
  printf '[include]\n\tpath = %s\n' "$GIT_CONFIG_GLOBAL"
  [ -n "$GIT_CONFIG_GLOBAL" ] || printf '\tpath = %s\n' "$HOME/.config/git/config" "$HOME/.gitconfig"
  printf '[safe]\n\tdirectory = *\n'
} | sed '/path = $/d' >"$private/config"
export GIT_CONFIG_GLOBAL="$private/config"

run_git() {
  if [ "$CHECKOUT_KIND" = local ]; then set -- -c protocol.file.allow=always "$@"; fi
  if [ -e "$CHECKOUT_PRIVATE/credentials" ]; then
    set -- -c 'credential.helper=!sh "$CHECKOUT_PRIVATE/credentials"' -c credential.useHttpPath=false "$@"
  fi
  # Hooks never run; no helper of the node's hands out or keeps a password; a transfer that stands still ends.
  git -c core.hooksPath=/dev/null -c credential.helper= -c core.askPass= -c advice.detachedHead=false -c gc.auto=0 \
    -c maintenance.auto=false -c http.lowSpeedLimit=1 -c http.lowSpeedTime=300 "$@"
}
`;
