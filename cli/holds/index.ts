/** Held nodes, as the command line shows them and gets onto them. */
export { accessLines } from './access-lines.ts';
export { attachTerminal, screenSize } from './attach-terminal.ts';
export { heldText } from './held-text.ts';
export { holdingOf, type HoldingOptions } from './holding.ts';
export { jobName } from './job-name.ts';
export { openTerminal } from './open-terminal.ts';
export { readKeys } from './read-keys.ts';
export { commandOf } from './shell-words.ts';
export { untilText } from './until-text.ts';
