/**
 * Unpacks a cache. The archive holds `workspace/…` or `home/…`, by its paths; with both, it is unpacked aside and copied, since not every tar
 * can be told to take one of them. A cache only saves time: one that can't be unpacked is a miss, and the step goes on.
 */
export const RESTORE = String.raw`
file=$FOOTMAN_INPUTS/cache.tar.gz
missed() {
  printf 'cache-hit=false\ncache-matched-key=\n' >>"$FOOTMAN_OUTPUT"
  exit 0
}
if [ -z "$CACHE_MATCHED_KEY" ]; then
  printf 'No cache has the key %s\n' "$CACHE_KEY"
  missed
fi
command -v tar >/dev/null || { echo "A cache is there, but this node has no tar to unpack it with" >&2; missed; }
# Not with the owners of the other node: their numbers mean other users here.
unpack() {
  case $CACHE_ROOTS in
    workspace) tar -xzof "$file" -C "$FOOTMAN_WORKSPACE" --strip-components=1 ;;
    home) mkdir -p "$HOME" && tar -xzof "$file" -C "$HOME" --strip-components=1 ;;
    *) unpack_both ;;
  esac
}
unpack_both() {
  both=$FOOTMAN_INPUTS/both
  mkdir -p "$both/workspace" "$both/home" "$HOME" && tar -xzof "$file" -C "$both" || return
  cp -a "$both/workspace/." "$FOOTMAN_WORKSPACE/" && cp -a "$both/home/." "$HOME/" && rm -rf "$both"
}
unpack || {
  echo "The cache could not be unpacked as a whole; it counts as a miss" >&2
  missed
}
rm -f "$file"
printf 'Restored the cache %s\n' "$CACHE_MATCHED_KEY"
hit=false
[ "$CACHE_MATCHED_KEY" != "$CACHE_KEY" ] || hit=true
printf 'cache-hit=%s\ncache-matched-key=%s\n' "$hit" "$CACHE_MATCHED_KEY" >>"$FOOTMAN_OUTPUT"
`;
