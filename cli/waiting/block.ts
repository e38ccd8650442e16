import type { Job, Waiting } from '#controller/api';
import { field, formatFields, type Field } from '../explain/index.ts';
import { heldText } from '../holds/index.ts';
import { formatNearTime, formatSpan, type Style } from '../terminal/index.ts';
import { candidateLines, imageLines } from './candidate-lines.ts';

/** The controller's answer, and what people call the job. */
export interface WaitingJob extends Waiting {
  /** Number of its build. */
  build: number;
  key: string;
  hold: Job['hold'];
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
  const { needs, nodes } = job;
  return [
    field('state', stateText(job, now)),
    field('needs', ...needs.map(({ key, state, result }) => `${key} (${result ?? state})`)),
    field('on its way', ...nodes.map(({ cloud, template, sentence }) => `${cloud}/${template}  ${sentence}`)),
    field('candidates', ...candidateLines(job, style)),
    field('made from', ...imageLines(job)),
    field('queue', queueText(job)),
    field('estimate', estimateText(job)),
    field('hold', holdText(job, now)),
  ];
}

/** Only who waits for a node can be told when. */
function estimateText({ estimate, candidates }: WaitingJob): string {
  if (estimate !== null) return estimate.sentence;
  return candidates.length === 0 ? '' : 'nobody can tell: too little is known of what it waits for';
}

function holdText({ hold }: WaitingJob, now: number): string {
  if (hold?.state === 'wished')
    return `for ${hold.owner}, when the job ${hold.on === 'failure' ? 'has failed' : 'has ended'}`;
  if (hold?.state !== 'held' || hold.id === null) return '';
  return heldText({ ...hold, id: hold.id }, now);
}

function stateText({ state, since, until }: WaitingJob, now: number): string {
  if (state === 'finished') return `finished at ${formatNearTime(since, now)}`;
  const span = `${state} for ${formatSpan(since, null, now)}`;
  return until === null ? span : `${span}, gives up at ${formatNearTime(until, now)}`;
}

/** Nothing where its place does not matter: its node is on its way, or it asks for none yet. */
function queueText({ ahead, nodes, candidates }: WaitingJob): string {
  if (ahead === null || nodes.length > 0 || candidates.length === 0) return '';
  if (ahead === 0) return 'it is the next';
  return `${ahead} ${ahead === 1 ? 'job' : 'jobs'} before it`;
}
