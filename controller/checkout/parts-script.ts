/** What belongs to the commit and lies elsewhere: submodules, then files of Git LFS. */
export const PARTS = String.raw`
clean_submodules() {
  run_git submodule --quiet deinit --all --force
  rm -rf .git/modules
}
# With a depth, and without where the server gives out no single commit.
update_submodules() {
  set -- --quiet update --init --force
  [ "$CHECKOUT_SUBMODULES" != recursive ] || set -- "$@" --recursive
  if [ -n "$CHECKOUT_DEPTH" ]; then
    run_git submodule "$@" --depth "$CHECKOUT_DEPTH" && return
    is_shallow_refusal && run_git submodule "$@"
  else
    run_git submodule "$@"
  fi
}
is_shallow_refusal() {
  grep -qiE 'unadvertised object|not our ref|did not contain|unable to find current' "$errors"
}
if [ -n "$CHECKOUT_SUBMODULES" ] && [ -e .gitmodules ]; then
  if [ -z "$CHECKOUT_REPOSITORY" ] && grep -qE '^[[:space:]]*url[[:space:]]*=[[:space:]]*\.\.?/' .gitmodules; then
    fail 'submodules with relative URLs need to know where the repository is, and this source does not say; name it under checkout'
  fi
  with_retries clean_submodules update_submodules || explain 'the submodules could not be checked out'
fi

get_lfs() {
  run_git lfs install --local --skip-repo >/dev/null
  [ -n "$(run_git lfs ls-files --name-only)" ] || return 0
  if [ -z "$CHECKOUT_REPOSITORY" ]; then
    echo 'checkout: files of Git LFS are on the server of the repository, and this source does not say where that is' >&2
    return 1
  fi
  run_git lfs pull
}
get_lfs_below() {
  get_lfs || return
  [ -z "$CHECKOUT_SUBMODULES" ] || [ ! -e .gitmodules ] || for_each_submodule
}
for_each_submodule() {
  run_git submodule --quiet foreach --recursive \
    'git lfs install --local --skip-repo >/dev/null && { [ -z "$(git lfs ls-files --name-only)" ] || git lfs pull; }'
}
if [ -n "$CHECKOUT_LFS" ]; then
  run_git lfs version >/dev/null 2>&1 || fail 'this node has no git-lfs; install it in its image'
  with_retries : get_lfs_below || explain 'the files of Git LFS could not be fetched'
fi
run_git log -1 --no-show-signature --format='%h %s'
`;
