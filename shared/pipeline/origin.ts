import type { Document, Path } from '#shared/document';
import type { Binding } from './template.ts';

/** Where a part of a pipeline is written: in the pipeline's own file, or in a template's. */
export interface Origin {
  document: Document;
  path: Path;
  /** What `parameters` means there; the build's own if absent. */
  binding?: Binding;
}

export function inside(origin: Origin, ...steps: (string | number)[]): Origin {
  return { ...origin, path: [...origin.path, ...steps] };
}
