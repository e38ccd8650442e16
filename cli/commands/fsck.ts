import type { FsckLine } from '#controller/api';
import { FootmanError, type ErrorCode } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { createScreen, printable, type Screen } from '../terminal/index.ts';

export interface FsckOptions {
  digests?: boolean;
}

/** Shows findings as they come, and on a terminal how far it is; as JSON, every line of the API's. Ends with 1 when something is damaged. */
export async function fsck(context: Context, { digests = false }: FsckOptions): Promise<number> {
  return withClient(context, async ({ storage }) => {
    const screen = createScreen(context.err);
    let last: FsckLine | undefined;
    for await (const line of storage.fsck({ digests }, context.out.closed)) {
      last = line;
      if (context.options.json === true) await context.out.write(`${JSON.stringify(line)}\n`);
      else await show(context, screen, line);
    }
    if (last?.kind === 'error') throw new FootmanError(last.code as ErrorCode, last.message);
    if (last?.kind !== 'summary')
      throw new FootmanError('controller-unreachable', 'the controller broke off before the end');
    return last.damaged === 0 ? 0 : 1;
  });
}

async function show({ out, style }: Context, screen: Screen, line: FsckLine): Promise<void> {
  if (line.kind === 'progress') {
    screen.setStatus(`${line.phase}: ${countsOf(line)}`);
    return;
  }
  screen.setStatus('');
  if (line.kind === 'finding') {
    const isDamage = line.problem !== 'orphan' && line.problem !== 'upload';
    const problem = style.paint(isDamage ? 'red' : 'dim', line.problem);
    await out.write(`${problem} ${printable(`${line.key} (${line.of}): ${line.message}`)}\n`);
  }
  if (line.kind === 'summary') {
    const damage = line.damaged === 0 ? 'nothing is damaged' : `${line.damaged} damaged`;
    await out.write(`${countsOf(line)}; ${damage}, ${line.orphans} that nobody has\n`);
  }
}

function countsOf({ objects, bytes }: { objects: number; bytes: number }): string {
  return bytes === 0 ? `${objects} objects` : `${objects} objects, ${formatBytes(bytes)} read`;
}
