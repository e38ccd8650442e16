/** A job's key, or an artifact's name, as the name of a folder: it may have slashes, or be what leads elsewhere. */
export function folderOf(name: string): string {
  const flat = name.replaceAll(/[/\\\0]/g, '_');
  return /^\.{0,2}$/.test(flat) ? `_${flat}` : flat;
}
