import { FootmanError } from '#shared/errors';
import { statusOf } from '../engine-error.ts';
import type { Engine, Inspected } from '../engine.ts';
import { AGENT_VOLUME } from '../names.ts';
import { cleanFiles } from './clean-files.ts';

/** In the agent's volume, which no image holds: says that the container's files were cleaned, and that nothing ran on afterwards. */
const MARKER = `${AGENT_VOLUME}/.cleaned`;

/**
 * What the container's own Node.js runs. Whatever else runs in the container is stopped first: what it would write later would be in the image.
 * It may do what the container may, and never more: its first lines could be the job's (`/etc/ld.so.preload`).
 */
const SCRIPT = `
const fs = process.getBuiltinModule('node:fs');
process.kill(-1, 'SIGSTOP');
const mounts = fs.readFileSync('/proc/self/mountinfo', 'utf8').split('\\n').flatMap((line) => line.split(' ')[4] ?? [])
  .map((path) => path.replace(/\\\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))));
(${String(cleanFiles)})(fs, '', mounts.filter((path) => path !== '/'));
fs.writeFileSync('${MARKER}', '');
`;

/** Cleans the files of a node's container that runs, and ends it; one that was cleaned and ended before is left as it is. */
export async function cleanAndEnd(engine: Engine, container: Inspected, signal: AbortSignal): Promise<void> {
  const { id, running } = container;
  if (running && (await clean(engine, container, signal))) return end(engine, id, signal);
  if (await engine.hasPath(id, MARKER, signal)) return;
  throw refusal('it was ended before its files were cleaned', {
    hint: 'nothing but a capture may end the container of a node whose image is wanted',
  });
}

/** False where the container has ended meanwhile. */
async function clean(engine: Engine, { id, command }: Inspected, signal: AbortSignal): Promise<boolean> {
  // The container's own command, with the script in the agent's place.
  const node = command.slice(0, -1);
  const ran = await engine.run(id, [...node, '--eval', SCRIPT], signal).catch((error: unknown) => {
    if (statusOf(error) === 409) return undefined;
    throw error;
  });
  if (ran === undefined || (ran.exitCode !== 0 && !(await engine.inspect(id, signal)).running)) return false;
  if (ran.exitCode === 0) return true;
  throw refusal(`its files can't be cleaned: ${lastWords(ran.output, ran.exitCode)}`, {
    hint: 'root in the container needs the capabilities CHOWN, DAC_OVERRIDE, FOWNER and KILL for that, which Docker grants by default',
  });
}

async function end(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  try {
    await engine.kill(id, signal);
  } catch (error) {
    // It has ended by itself.
    if (statusOf(error) !== 409) throw error;
  }
}

/** Node.js tells an error in the midst of many lines. */
function lastWords(output: string, exitCode: number): string {
  const error = output.split('\n').find((line) => /^\w*Error: /.test(line));
  return error ?? `the cleaning ended with exit code ${exitCode}`;
}

function refusal(why: string, options: { hint: string }): FootmanError {
  return new FootmanError('cloud-refused', `the node can't be captured: ${why}`, options);
}
