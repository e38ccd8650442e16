/**
 * Packs a cache. Both roots are reached through links in one folder, so that one run of tar packs them under names of their own. What goes
 * wrong leaves no file, and the job is none the worse for it.
 */
export const SAVE = String.raw`
command -v tar >/dev/null || { echo "The cache is not saved: this node has no tar" >&2; exit 0; }
links=$FOOTMAN_INPUTS/links
mkdir -p "$links" "$FOOTMAN_UPLOADS"
ln -s "$FOOTMAN_WORKSPACE" "$links/workspace"
ln -s "$HOME" "$links/home"
cd "$links"
# One path a line: only newlines part them, and each is a glob.
IFS='
'
set --
for path in $CACHE_PATHS; do
  if [ -e "$path" ] || [ -L "$path" ]; then set -- "$@" "$path"; fi
done
unset IFS
if [ $# = 0 ]; then
  printf 'The cache %s is not saved: none of its paths is there\n' "$CACHE_KEY"
  exit 0
fi
packed=$FOOTMAN_UPLOADS/cache.tar.gz
if tar -czf "$packed.part" "$@"; then
  mv "$packed.part" "$packed"
  printf 'Saving the cache %s\n' "$CACHE_KEY"
else
  rm -f "$packed.part"
  printf 'The cache %s is not saved: its files could not be packed\n' "$CACHE_KEY" >&2
fi
`;
