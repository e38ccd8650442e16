import type { Context } from '../context.ts';
import { createScreen } from '../terminal/index.ts';
import { createJsonView } from './json-view.ts';
import { createTextView } from './text-view.ts';
import type { BuildView } from './view.ts';

/** How this command shows a build. */
export function viewFor({ out, style, options }: Context): BuildView {
  return options.json === true ? createJsonView(out) : createTextView({ screen: createScreen(out), style });
}
