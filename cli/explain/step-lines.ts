import { formatDuration } from '#shared/quantity';
import type { Job, Step } from '#shared/pipeline';
import type { Style } from '../terminal/index.ts';

/** The job's steps, in their order, with what is special about each. */
export function stepLines({ steps }: Pick<Job, 'steps'>, style: Style): string[] {
  const places = steps.map((_, index) => String(index + 1));
  return aligned(places, steps, style);
}

/** The steps that are done once for many jobs, in their order. */
export function prepareLines({ prepare }: Pick<Job, 'prepare'>, style: Style): string[] {
  return prepare === undefined ? [] : stepLines(prepare, style);
}

/** Post steps, each with the result after which it runs. */
export function postLines({ post }: Pick<Job, 'post'>, style: Style): string[] {
  return aligned(
    post.steps.map(({ when }) => when),
    post.steps.map(({ step }) => step),
    style,
  );
}

function aligned(heads: readonly string[], steps: readonly Step[], style: Style): string[] {
  const headWidth = Math.max(0, ...heads.map(({ length }) => length));
  const noted = steps.map((step) => ({ name: step.name, notes: notesOf(step) }));
  // Names without notes need no column.
  const nameWidth = Math.min(
    LONGEST_COLUMN,
    Math.max(0, ...noted.filter(({ notes }) => notes !== '').map(({ name }) => name.length)),
  );
  return noted.map(({ name, notes }, index) => {
    const head = style.paint('dim', (heads[index] ?? '').padEnd(headWidth));
    return `${head}  ${notes === '' ? name : `${name.padEnd(nameWidth)}  ${style.paint('dim', notes)}`}`;
  });
}

/** Longer names push what follows them to the right. */
const LONGEST_COLUMN = 48;

function notesOf(step: Step): string {
  const { conditions, continueOnError, timeoutMs } = step;
  const notes = [
    step.kind === 'run' && step.shell !== 'sh' ? `in ${step.shell}` : '',
    conditions.length === 0 ? '' : `if ${conditionText(conditions)}`,
    timeoutMs === undefined ? '' : `timeout ${durationText(timeoutMs)}`,
    flagText(continueOnError, 'may fail'),
  ];
  return notes.filter((note) => note !== '').join(' · ');
}

/** All of them must hold. */
export function conditionText(conditions: readonly { text: string }[]): string {
  return conditions.map(({ text }) => bare(text.replaceAll(/\s+/g, ' ').trim())).join(', and ');
}

/** `${{ x }}` is `x`; several in a row are left as they are. */
function bare(text: string): string {
  const isOne = text.startsWith(OPEN) && text.endsWith(CLOSE) && !text.includes(OPEN, 1);
  return isOne ? text.slice(OPEN.length, -CLOSE.length).trim() : text;
}

const OPEN = '${{';
const CLOSE = '}}';

/** What is a template is shown as it is written. */
export function durationText(milliseconds: number | string): string {
  return typeof milliseconds === 'string' ? milliseconds : formatDuration(milliseconds);
}

export function flagText(flag: boolean | string, sentence: string): string {
  if (typeof flag === 'string') return `${sentence} if ${conditionText([{ text: flag }])}`;
  return flag ? sentence : '';
}
