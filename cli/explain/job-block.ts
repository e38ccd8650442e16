import type { Job } from '#shared/pipeline';
import { formatDuration } from '#shared/quantity';
import type { Style } from '../terminal/index.ts';
import { field, formatFields, type Field } from './fields.ts';
import type { ExplainedJob } from './explained.ts';
import { conditionText, durationText, flagText, postLines, prepareLines, stepLines } from './step-lines.ts';

/** A job as a block of text: what is the same for all cells of its matrix stands there once. */
export function formatJob(explained: ExplainedJob, style: Style): string {
  const { spec, cells } = explained;
  const matrix = spec.matrix === undefined ? '' : style.paint('dim', matrixText(spec.matrix, cells?.length));
  return `${style.paint('bold', spec.id)}${matrix}\n${formatFields(fieldsOf(explained, style), style)}`;
}

function fieldsOf(explained: ExplainedJob, style: Style): Field[] {
  const { spec, name, place, secrets } = explained;
  return [
    field('name', [spec.id, explained.cells?.[0]?.key].includes(name) ? '' : name),
    field('runs on', place),
    field('cells', ...cellLines(explained)),
    field('needs', spec.needs.join(', ')),
    field('if', conditionText(spec.conditions)),
    field('secrets', secrets.join(', ')),
    field('timeout', timeoutText(spec)),
    field('retry', spec.retry && retryText(spec.retry)),
    field('priority', spec.priority === NORMAL ? '' : String(spec.priority)),
    field('concurrency', spec.concurrency && concurrencyText(spec.concurrency)),
    field('failure', flagText(spec.continueOnError, 'allowed')),
    field('outputs', Object.keys(spec.outputs).join(', ')),
    field('prepare', ...prepareLines(spec, style)),
    field('steps', ...stepLines(spec, style)),
    field('post', ...postLines(spec, style)),
    field('artifacts', ...spec.artifacts.map(artifactText)),
    field('reports', spec.reports?.junit.join(' ')),
  ];
}

function cellLines({ spec, cells = [], place: common }: ExplainedJob): string[] {
  if (spec.matrix === undefined) return [];
  const width = Math.max(0, ...cells.map(({ key }) => key.length));
  return cells.map(({ key, place }) => (common === undefined ? `${key.padEnd(width)}  ${place}` : key));
}

/** Of a job that says nothing. */
const NORMAL = 50;

function matrixText(
  { failFast, maxParallel }: NonNullable<Job['matrix']>,
  count: number | undefined,
): string {
  const parts = [
    count === undefined ? ' × a matrix that only the build knows' : ` × ${count}`,
    ...(count === 0 ? ['so that it is skipped'] : []),
    ...(maxParallel === undefined ? [] : [`${maxParallel} at a time`]),
    ...(failFast ? [] : ['all to their end']),
  ];
  return parts.join(', ');
}

function artifactText({ name, paths, expireMs, archive }: Job['artifacts'][number]): string {
  const notes = [
    archive === true ? 'in one archive' : '',
    expireMs === undefined ? '' : `for ${formatDuration(expireMs)}`,
  ];
  return [`${name}: ${paths.join(' ')}`, ...notes].filter((part) => part !== '').join(', ');
}

function timeoutText({ timeoutMs, queueTimeoutMs }: Job): string {
  const queue =
    queueTimeoutMs === undefined ? '' : `, and ${formatDuration(queueTimeoutMs)} to wait for a node`;
  return `${durationText(timeoutMs)}${queue}`;
}

function retryText({ max, on, delayMs }: NonNullable<Job['retry']>): string {
  const delay = delayMs === 0 ? '' : `, each ${formatDuration(delayMs)} later`;
  const reasons = on.map((reason) => (typeof reason === 'number' ? `exit code ${reason}` : reason));
  return `up to ${max} ${max === 1 ? 'time' : 'times'} after ${alternatives(reasons)}${delay}`;
}

/** `a`, `a or b`, `a, b or c`. */
function alternatives(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part !== '').join(' or ');
}

export function concurrencyText({ group, limit, cancelInProgress }: NonNullable<Job['concurrency']>): string {
  const cancels = flagText(cancelInProgress, 'the newest cancels the others');
  return [`${group}, ${limit} at a time`, cancels].filter((part) => part !== '').join(', ');
}
