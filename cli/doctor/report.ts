import type { DoctorReport } from '#controller/api';
import { formatBytes, formatDuration } from '#shared/quantity';
import type { Style } from '../terminal/index.ts';
import { formatCloud } from './cloud.ts';
import { tableOf } from './table.ts';
import { ageOf, shortId } from './words.ts';

/** Blocks for clouds, leaks, hosts and the machine, and at the end, where people look first, what is wrong. */
export function formatReport(report: DoctorReport, style: Style): string {
  const blocks = [
    ...report.clouds.map((cloud) => formatCloud(cloud, report.at, style)),
    formatStranded(report, style),
    formatLeaks(report, style),
    formatHosts(report, style),
    formatStorage(report, style),
    formatMachine(report, style),
    formatProblems(report, style),
  ];
  return blocks.filter((block) => block !== '').join('\n');
}

function formatStranded({ stranded, at }: DoctorReport, style: Style): string {
  const rows = stranded.map(({ node, template, state, createdAt, reason }) => [
    node,
    template,
    state,
    ageOf(createdAt, at),
    reason,
  ]);
  return section(
    'nodes of no cloud',
    tableOf(['node', 'template', 'state', 'age', 'reason'], rows, style),
    style,
  );
}

function formatLeaks({ leaks, at }: DoctorReport, style: Style): string {
  const rows = leaks.map(({ cloud, kind, resource, node, foundAt, removedAt }) => [
    cloud,
    kind,
    shortId(resource),
    node,
    `${ageOf(foundAt, at)} ago`,
    removedAt === null ? style.paint('red', 'not yet') : `${ageOf(removedAt, at)} ago`,
  ]);
  return section(
    'leaks',
    tableOf(['cloud', 'kind', 'resource', 'node', 'found', 'removed'], rows, style),
    style,
  );
}

function formatHosts({ hosts, at }: DoctorReport, style: Style): string {
  const rows = hosts.map(({ cloud, name, state, since, dueAt, reason }) => [
    `${cloud}/${name}`,
    style.paint(state === 'quarantined' ? 'red' : 'green', state),
    ageOf(since, at),
    dueAt === null ? '' : formatDuration(Math.max(0, dueAt - at)),
    reason ?? '',
  ]);
  return section('hosts', tableOf(['host', 'state', 'for', 'reset in', 'reason'], rows, style), style);
}

function formatStorage({ storage: { kind, error, ms } }: DoctorReport, style: Style): string {
  const how = error === null ? `an object came and went in ${formatDuration(ms)}` : style.paint('red', error);
  return section('storage', `  ${kind}  ${how}\n`, style);
}

function formatMachine({ machine }: DoctorReport, style: Style): string {
  const { freeDiskBytes, leastDiskBytes, freeMemoryBytes, leastMemoryBytes } = machine;
  const lines = [
    `  disk    ${formatBytes(freeDiskBytes)} free (at least ${formatBytes(leastDiskBytes)})\n`,
    `  memory  ${formatBytes(freeMemoryBytes)} free (at least ${formatBytes(leastMemoryBytes)})\n`,
  ];
  return section('machine', lines.join(''), style);
}

function formatProblems({ problems }: DoctorReport, style: Style): string {
  if (problems.length === 0) return `${style.paint('green', 'All is well.')}\n`;
  const title = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `${style.paint('red', title)}\n${problems.map((problem) => `  ${problem}\n`).join('')}`;
}

function section(title: string, body: string, style: Style): string {
  return body === '' ? '' : `${style.paint('bold', title)}\n${body}`;
}
