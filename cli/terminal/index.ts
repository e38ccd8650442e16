/** How things look on a terminal, and elsewhere. */
export { createOutput, type Output } from './output.ts';
export { createStyle, wantsColours, type Style } from './style.ts';
export { formatNearTime, formatSpan, formatTime } from './times.ts';
export { timeline } from './timeline.ts';
export { formatTable } from './table.ts';
export { endsBadly, paintEnding, paintState } from './states.ts';
export { createScreen, type Screen } from './screen.ts';
export { harmless } from './harmless.ts';
export { printable } from './printable.ts';
