import type { Pipeline } from '#shared/pipeline';
import { formatDuration } from '#shared/quantity';
import type { Style } from '../terminal/index.ts';
import { field, formatFields } from './fields.ts';
import { concurrencyText } from './job-block.ts';

type Triggers = Pipeline['on'];
type Filter = NonNullable<Triggers['push'] | Triggers['pullRequest']>;
type Parameter = Triggers['parameters'][string];

interface Options {
  file: string;
  /** Every parameter's value. */
  parameters: Readonly<Record<string, unknown>>;
  style: Style;
}

/** What a pipeline says about the whole build. */
export function formatPipeline(
  { name, on, env, timeoutMs, concurrency }: Pipeline,
  { file, parameters, style }: Options,
): string {
  const fields = [
    field('push', on.push && filterText(on.push)),
    field('pull request', on.pullRequest && filterText(on.pullRequest)),
    field('schedule', ...on.schedule.map(({ cron, timezone }) => `${cron} (${timezone})`)),
    field(
      'parameters',
      ...Object.entries(on.parameters).map(([key, one]) => parameterText(key, one, parameters[key])),
    ),
    field('env', Object.keys(env).join(', ')),
    field('timeout', timeoutMs === undefined ? '' : formatDuration(timeoutMs)),
    field('concurrency', concurrency && concurrencyText(concurrency)),
  ];
  return `${style.paint('bold', name)}  ${style.paint('dim', file)}\n${formatFields(fields, style)}`;
}

function filterText(filter: Filter): string {
  const tags = 'tags' in filter ? filter.tags : undefined;
  const ignoredTags = 'tagsIgnore' in filter ? filter.tagsIgnore : [];
  const parts = [
    listText('branches', filter.branches),
    listText('not branches', filter.branchesIgnore),
    listText('tags', tags ?? []),
    listText('not tags', ignoredTags),
    listText('paths', filter.paths),
    listText('not only paths', filter.pathsIgnore),
  ];
  return parts.filter((part) => part !== '').join(' · ') || 'any';
}

function listText(what: string, globs: readonly string[]): string {
  return globs.length === 0 ? '' : `${what} ${globs.join(' ')}`;
}

/** `branch = "firefly" (string): what to build`. */
function parameterText(name: string, { type, options, description }: Parameter, value: unknown): string {
  const kind = options === undefined ? type : options.join(' | ');
  return `${name} = ${JSON.stringify(value)} (${kind})${description === undefined ? '' : `: ${description}`}`;
}
