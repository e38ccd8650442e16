import type { Template } from '#controller/fleet';
import { noSuchLabel } from './no-such-label.ts';
import type { OpenRequest } from './open-request.ts';

/** One sentence on why no template can ever serve the request. */
export function noCandidate({ runsOn, images }: OpenRequest, templates: readonly Template[]): string {
  if (images === null) return noSuchLabel(runsOn, templates);
  const wanted = Object.keys(images);
  const only = wanted.length === 1 ? wanted[0] : `one of ${wanted.join(', ')}`;
  return `it starts from an image for ${only}, and none such is configured that is \`${runsOn}\``;
}
