import type { Build, Hold } from '#controller/api';
import type { Connection } from '../connection/index.ts';
import { accessLines, jobName, untilText } from '../holds/index.ts';

/** Which nodes of this build are held now, until when, and how to get in. */
export async function heldLines({ jobs }: Build, { client, embedded }: Connection): Promise<string> {
  const lines: string[] = [];
  for (const { hold } of jobs) {
    if (hold?.state !== 'held' || hold.id === null) continue;
    lines.push(...linesOf(await client.holds.show(hold.id), embedded !== undefined));
  }
  if (lines.length > 0 && embedded !== undefined) lines.push(...LEFT);
  return lines.map((line) => `${line}\n`).join('');
}

function linesOf(hold: Hold, isEmbedded: boolean): string[] {
  // The SSH server goes with this command's controller.
  const ways = isEmbedded ? accessLines(hold).slice(0, 1) : accessLines(hold);
  return [
    `the node of ${jobName(hold)} is held for ${hold.owner} ${untilText(hold, Date.now())}: footman hold show ${hold.id}`,
    ...ways.map((way) => `  ${way}`),
  ];
}

/** A controller that ran for this command alone is about to end. */
const LEFT = [
  'this controller ends now, and the node stays: `footman serve` or `footman hold shell` on the same data find it again;',
  'while no controller runs, nothing ends the hold',
];
