import type { Document, Report } from '#shared/document';

/** For kinds whose nodes are made from images: each template names one, or the stream that it comes from. */
export function checkImageSources(
  { value }: Pick<Document, 'value'>,
  path: readonly string[],
  report: Report,
): void {
  const templates = mappingOf([...path, 'templates'].reduce((outer, key) => mappingOf(outer)[key], value));
  for (const [name, template] of Object.entries(templates)) {
    const { image, stream } = mappingOf(template);
    if (image !== undefined || stream !== undefined) continue;
    report([...path, 'templates', name], 'its nodes are made from nothing', {
      hint: 'give it an `image`, or the `stream` whose current image its nodes get',
    });
  }
}

function mappingOf(value: unknown): Record<string, unknown> {
  return isMapping(value) ? value : {};
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
