import type { DoctorReport } from '#controller/api';
import type { Style } from '../terminal/index.ts';
import { tableOf } from './table.ts';
import { ageOf, shortId } from './words.ts';

type CloudReport = DoctorReport['clouds'][number];
type Verdict = CloudReport['resources'][number]['verdict'];

const COLOUR = { kept: 'green', suspected: 'yellow', removed: 'red', lost: 'red' } as const;

/** What a cloud has and lacks: each thing with what the sweep makes of it, and why. */
export function formatCloud(cloud: CloudReport, now: number, style: Style): string {
  const { name, kind, error, listedAt, resources, missing, leaks } = cloud;
  const listed = listedAt === null ? 'not listed yet' : `listed ${ageOf(listedAt, now)} ago`;
  const title = `${style.paint('bold', `cloud ${name}`)} (${kind ?? 'not configured any more'}; ${listed}; ${wordsOfLeaks(leaks)})\n`;
  if (error !== null) return `${title}  ${style.paint('red', error)}\n`;
  const rows = [
    ...resources.map(({ verdict, id, node, createdAt, reason, kind: what }) => [
      painted(verdict, style),
      `${what} ${shortId(id)}`,
      node,
      ageOf(createdAt, now),
      reason,
    ]),
    ...missing.map(({ verdict, node, createdAt, reason }) => [
      painted(verdict, style),
      style.paint('dim', 'nothing'),
      node,
      ageOf(createdAt, now),
      reason,
    ]),
  ];
  if (rows.length === 0) return `${title}  nothing of ours, and no node\n`;
  return title + tableOf(['verdict', 'resource', 'node', 'age', 'reason'], rows, style);
}

function wordsOfLeaks({ found, removed }: CloudReport['leaks']): string {
  if (found === 0) return 'no leaks';
  const leaks = found === 1 ? '1 leak' : `${found} leaks`;
  return removed === found ? `${leaks}, removed` : `${leaks}, ${removed} removed`;
}

function painted(verdict: Verdict, style: Style): string {
  return style.paint(COLOUR[verdict], verdict);
}
