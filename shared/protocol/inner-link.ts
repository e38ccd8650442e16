/**
 * Whether a symbolic link at `path` leads to something below the folder that `path` is relative to, by its words alone. It goes up first and
 * then only down: with a way up behind other links, nobody could tell where it ends.
 */
export function leadsInside(path: string, target: string): boolean {
  // eslint-disable-next-line no-control-regex
  if (target === '' || target.startsWith('/') || /[\0\\]/.test(target)) return false;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const down = parts.findIndex((part) => part !== '..');
  const ups = down === -1 ? parts.length : down;
  const depth = path.split('/').length - 1;
  return ups <= depth && !parts.slice(ups).includes('..');
}
