/** Text as a cell of a table in Markdown; what stands in backticks stays as it is. */
export function cellText(text: string): string {
  const parts = text.split('`');
  return parts
    .map((part, index) => (index % 2 === 0 ? part.replaceAll(/[*_<[\]]/g, String.raw`\$&`) : part))
    .join('`')
    .replaceAll('|', String.raw`\|`);
}
