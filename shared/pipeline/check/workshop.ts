import type { Document, Report } from '#shared/document';
import type { Expansions } from '../templates/expansion.ts';
import type { Library } from '../templates/library.ts';

/** What checks of one file work with. */
export interface Workshop {
  document: Document;
  report: Report;
  library: Library;
  expansions: Expansions;
}
