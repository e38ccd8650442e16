/**
 * Brings the commit into the repository at CHECKOUT_PATH. `with_retries` does what goes through the network up to three times; only what
 * may pass by itself is tried again, never a refusal.
 */
export const FETCH = String.raw`
errors=$CHECKOUT_PRIVATE/errors
is_refusal() {
  grep -qiE 'permission denied|authentication failed|could not read (username|password)|host key verification failed|no .* host key is known|couldn.t find remote ref|repository .* not found|does not appear to be a git repository|requested url returned error: 4(0[0-7]|1)' "$errors"
}
is_network() {
  ! is_refusal && grep -qiE 'could not resolve|name resolution|connection (was )?(refused|reset|timed out|closed)|failed to connect|couldn.t connect|timed? ?out|network is unreachable|no route to host|early eof|unexpected disconnect|hung up unexpectedly|rpc failed|broken pipe|empty reply|transfer closed|ssl_error_syscall|gnutls_handshake|tls connection was non-properly|http/2 stream|invalid index-pack|bytes of body are still expected|operation too slow|(returned error|http|status)[: ]*(408|429|5[0-9][0-9])' "$errors"
}
# Shows what a command complains about, and keeps it.
watch() {
  if "$@" 2>"$errors"; then status=0; else status=$?; fi
  cat "$errors" >&2
  return "$status"
}
# with_retries CLEAN COMMAND...: CLEAN takes away what a failed try left.
with_retries() {
  clean=$1
  shift
  for delay in $CHECKOUT_BACKOFF last; do
    if watch "$@"; then return 0; fi
    "$clean" || :
    if [ "$delay" = last ] || ! is_network; then return 1; fi
    printf 'checkout: the network failed; trying again in %s s\n' "$delay" >&2
    sleep "$delay"
  done
}
explain() {
  if grep -qiE 'host key verification failed|host key is known' "$errors"; then
    fail "the SSH server's key is not among the known ones; give its line of known_hosts as known-hosts, or put it in the node's image"
  elif grep -qi "couldn.t find remote ref" "$errors"; then
    fail "the repository has no $CHECKOUT_REF"
  elif is_refusal; then
    fail 'the server refused; check the repository, and the token or ssh-key'
  fi
  fail "$1"
}

mkdir -p "$CHECKOUT_PATH" || fail "$CHECKOUT_PATH can't be a folder"
case $CHECKOUT_REPOSITORY in
  # Relative to where the step runs, not to where it checks out.
  /* | '') ;;
  *) [ "$CHECKOUT_KIND" != local ] || [ ! -e "$CHECKOUT_REPOSITORY" ] || CHECKOUT_REPOSITORY=$(cd "$CHECKOUT_REPOSITORY" && pwd) ;;
esac
cd "$CHECKOUT_PATH"
start_repository() {
  run_git init --quiet .
  if [ -n "$CHECKOUT_REPOSITORY" ]; then
    run_git remote add origin "$CHECKOUT_REPOSITORY" 2>/dev/null || run_git remote set-url origin "$CHECKOUT_REPOSITORY"
  fi
}
# A repository that was there before is left as good as it was; one of our own starts afresh.
if [ -e .git ]; then is_ours=; else is_ours=yes; fi
clean_fetch() {
  if [ -n "$is_ours" ]; then
    rm -rf .git
    start_repository
  else
    rm -f .git/*.lock .git/objects/pack/tmp_*
  fi
}
give_up() {
  [ -z "$is_ours" ] || rm -rf .git
  explain "$1"
}
start_repository

fetch() {
  run_git fetch --quiet --force --no-recurse-submodules "$@"
}
# Without a depth, everything that names the history comes along.
fetch_ref() {
  if [ -n "$CHECKOUT_DEPTH" ]; then
    fetch --no-tags --depth "$CHECKOUT_DEPTH" origin "$CHECKOUT_REF"
  else
    fetch --tags origin "$CHECKOUT_REF"
  fi
}
fetch_all() {
  fetch --tags origin '+refs/heads/*:refs/remotes/origin/*'
}
may_be_commit() {
  case $CHECKOUT_REF in
    *[!0-9a-f]* | ? | ?? | ???) return 1 ;;
  esac
}
find_commit() {
  run_git rev-parse --quiet --verify "$1^{commit}"
}

if [ -n "$CHECKOUT_BUNDLE" ]; then
  bundle=$FOOTMAN_INPUTS/$CHECKOUT_BUNDLE
  # Where the history of a shallow clone ends, as the sender says.
  ends=$(run_git bundle list-heads "$bundle" | sed -n 's, refs/shallow/.*,,p')
  [ -z "$ends" ] || echo "$ends" >.git/shallow
  run_git bundle unbundle "$bundle" >/dev/null
  commit=$(find_commit "$CHECKOUT_REF") || fail "the source of this build has no $CHECKOUT_REF"
elif with_retries clean_fetch fetch_ref; then
  commit=$(find_commit FETCH_HEAD)
elif may_be_commit && ! is_network && { [ -n "$CHECKOUT_IS_COMMIT" ] || grep -qi 'remote ref' "$errors"; }; then
  # Many servers only give out commits by the names of branches and tags.
  echo 'checkout: the server gives out no single commit; fetching all branches' >&2
  with_retries clean_fetch fetch_all || give_up 'the branches could not be fetched'
  commit=$(find_commit "$CHECKOUT_REF") || give_up "no branch and no tag of the repository has the commit $CHECKOUT_REF"
else
  give_up "$CHECKOUT_REF could not be fetched"
fi
run_git checkout --quiet --detach "$commit" || fail 'the files could not be written; what is in the way stays as it was'
`;
