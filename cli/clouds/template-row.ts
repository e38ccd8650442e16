import type { Cloud } from '#controller/api';
import { formatBytes, formatDuration } from '#shared/quantity';
import { formatNearTime, paintState, type Style } from '../terminal/index.ts';

type Template = Cloud['templates'][number];
type Quota = Cloud['quota'];

/** A template as cells of a table. */
export function templateRow(cloud: Cloud, template: Template, style: Style): string[] {
  const { name, labels, nodes, pool, starts, launches } = template;
  const { p50, p95 } = starts.planToReady ?? {};
  return [
    `${cloud.name}/${name}`,
    labels.join(' '),
    Object.entries(nodes)
      .map(([state, count]) => `${count} ${paintState(style, state, null)}`)
      .join(', '),
    pool.target === 0 && pool.idle === 0 ? '' : `${pool.idle}/${pool.target}`,
    quotasOf(cloud, template),
    p50 === undefined ? '' : formatDuration(p50),
    p95 === undefined ? '' : formatDuration(p95),
    successText(launches),
    stateText(cloud, template, style),
  ];
}

/** `1/2 nodes; cloud: 3/8 nodes, 12/16 CPUs`: the template's own, and those that it shares with all others of its cloud. */
function quotasOf(cloud: Cloud, template: Template): string {
  const [own, shared] = [limitsOf(template.quota), limitsOf(cloud.quota)];
  return [own, shared === '' ? '' : `cloud: ${shared}`].filter((part) => part !== '').join('; ');
}

/** Only what has a limit. */
function limitsOf({ nodes, cpus, memoryBytes }: Quota): string {
  return [
    nodes.limit === null ? '' : `${nodes.used}/${nodes.limit} nodes`,
    cpus.limit === null ? '' : `${cpus.used}/${cpus.limit} CPUs`,
    memoryBytes.limit === null
      ? ''
      : `${formatBytes(memoryBytes.used)}/${formatBytes(memoryBytes.limit)} memory`,
  ]
    .filter((limit) => limit !== '')
    .join(', ');
}

/** `98% (3 check, 1 connect)`. */
function successText({ successRate, failures }: Template['launches']): string {
  if (successRate === null) return '';
  const kinds = Object.entries(failures).map(([kind, count]) => `${count} ${kind}`);
  // Only what never failed is 100 %.
  const percent = successRate === 1 ? 100 : Math.min(99, Math.round(successRate * 100));
  return `${percent}%${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`;
}

/** What keeps nodes from coming; nothing while all is well. */
function stateText(cloud: Cloud, template: Template, style: Style): string {
  const now = Date.now();
  const { state, until, reason } = template.breaker;
  const cordon = template.cordon ?? cloud.cordon;
  const parts = [
    cordon === null ? '' : style.paint('yellow', `cordoned by ${cordon.actor}: ${cordon.reason}`),
    state === 'open'
      ? style.paint('red', `breaker open until ${formatNearTime(until ?? now, now)}: ${reason}`)
      : '',
    state === 'half-open' ? style.paint('yellow', `breaker half-open: ${reason}`) : '',
    problemText(cloud, template),
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** An open breaker mostly says it already. */
function problemText({ problem }: Cloud, { breaker }: Template): string {
  if (problem === null) return '';
  const since = `the cloud does not answer since ${formatNearTime(problem.at, Date.now())}`;
  const isSaid = breaker.state !== 'closed' && breaker.reason === problem.message;
  return isSaid ? since : `${since}: ${problem.message}`;
}
