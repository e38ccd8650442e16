/**
 * Unpacks a cache. The archive holds `workspace/…` and `home/…`; which of them it has is known from the paths, or asked of the archive when
 * both may be. A cache only saves time: one that can't be unpacked is a miss, and the step goes on.
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
roots=$CACHE_ROOTS
case $roots in
  *' '*) roots=$(tar -tzf "$file" | sed 's,/.*,,' | sort -u) || roots= ;;
esac
for root in $roots; do
  case $root in
    workspace) target=$FOOTMAN_WORKSPACE ;;
    home) target=$HOME ;;
    *) continue ;;
  esac
  mkdir -p "$target"
  # Not with the owners of the other node: their numbers mean other users here.
  tar -xzof "$file" -C "$target" --strip-components=1 "$root" || {
    echo "The cache could not be unpacked as a whole; it counts as a miss" >&2
    missed
  }
done
rm -f "$file"
printf 'Restored the cache %s\n' "$CACHE_MATCHED_KEY"
hit=false
[ "$CACHE_MATCHED_KEY" != "$CACHE_KEY" ] || hit=true
printf 'cache-hit=%s\ncache-matched-key=%s\n' "$hit" "$CACHE_MATCHED_KEY" >>"$FOOTMAN_OUTPUT"
`;
