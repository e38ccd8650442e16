import type { Waiting } from '#controller/api';
import { field, formatFields, type Field } from '../explain/index.ts';
import { formatSpan, formatTime, type Style } from '../terminal/index.ts';
import { candidateLines } from './candidate-lines.ts';

/** The controller's answer, and what people call the job. */
export interface WaitingJob extends Waiting {
  /** Number of its build. */
  build: number;
  key: string;
}

interface Options {
  style: Style;
  /** Milliseconds since the epoch. */
  now: number;
}

/** A job as a block of text: the answer in the first line, then what it is made of. */
export function formatWaiting(job: WaitingJob, { style, now }: Options): string {
  const name = style.paint('bold', `${job.build}/${job.key}`);
  return `${name}: ${job.sentence}\n${formatFields(fieldsOf(job, style, now), style)}`;
}

function fieldsOf(job: WaitingJob, style: Style, now: number): Field[] {
  const { needs, nodes, ahead, estimate } = job;
  return [
    field('state', stateText(job, now)),
    field('needs', ...needs.map(({ key, state, result }) => `${key} (${result ?? state})`)),
    field('on its way', ...nodes.map(({ cloud, template, sentence }) => `${cloud}/${template}  ${sentence}`)),
    field('candidates', ...candidateLines(job, style)),
    field('queue', ahead === null || job.candidates.length === 0 ? '' : queueText(ahead)),
    field('estimate', estimate?.sentence),
  ];
}

function stateText({ state, since, until }: WaitingJob, now: number): string {
  if (state === 'finished') return `finished at ${formatTime(since)}`;
  const span = `${state} for ${formatSpan(since, null, now)}`;
  return until === null ? span : `${span}, gives up at ${formatTime(until)}`;
}

function queueText(ahead: number): string {
  if (ahead === 0) return 'it is the next';
  return `${ahead} ${ahead === 1 ? 'job' : 'jobs'} before it`;
}
