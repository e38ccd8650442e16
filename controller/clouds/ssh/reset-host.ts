import type { SshLauncher } from '#controller/launchers/ssh';
import type { Logger } from '#controller/logger';
import { runProgram } from '#controller/programs';
import { FootmanError } from '#shared/errors';
import { duration } from '#shared/quantity';
import { bounded } from './bounded.ts';
import type { Machines } from './machines.ts';
import type { NodeRecords } from './node-records.ts';
import type { Reset } from './schema.ts';

interface Deps {
  launcher: Pick<SshLauncher, 'bootId' | 'bring' | 'end' | 'nodes' | 'reboot' | 'run'>;
  machines: Machines;
  records: NodeRecords;
  logger: Logger;
  /** How long a host that is not being restarted may take to answer, in milliseconds. */
  answerMs: number;
}

/** Of the controller's own variables the command gets these: others may be secrets. */
const KEPT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'SSH_AUTH_SOCK'];

/** How long a reset may take, in milliseconds. */
export function resetLimitMs({ timeout }: Reset): number {
  return duration.parse(timeout);
}

/**
 * Returns the host to its known state: what nodes left there is ended, the command runs here, the host is restarted, the script runs
 * there; at last it must answer, have no node of ours, and room for the runtime. Each part may be done again.
 *
 * @throws FootmanError of the part that failed; `cloud-refused` while a node is on the host
 */
export async function resetHost(name: string, deps: Deps, signal: AbortSignal): Promise<void> {
  const { launcher, machines, records, logger, answerMs } = deps;
  signal.throwIfAborted();
  const ofHost = (await records.all()).filter(({ host }) => host === name);
  const living = ofHost.find(({ leftAt }) => leftAt === undefined);
  if (living !== undefined) throw new FootmanError('cloud-refused', `host ${name} has node ${living.node}`);
  const reset = machines.reset(name);
  const machine = await machines.machine(name);

  await answer().then(endNodes).catch(tolerate);
  if (reset.command !== undefined) await runCommand(reset.command);
  if (reset.reboot) await launcher.reboot(machine, await launcher.bootId(machine, signal), signal);
  if (reset.script !== undefined) await launcher.run(machine, reset.script, signal);
  if (reset.command !== undefined || reset.reboot || reset.script !== undefined) await endNodes();
  await launcher.bring(machine, signal);
  for (const { node } of ofHost) await records.drop(node);

  /** One that is off is quarantined at once, whatever time its restart might take. */
  async function answer(): Promise<void> {
    await bounded(`host ${name} did not answer`, answerMs, signal, (limited) =>
      launcher.bootId(machine, limited),
    );
  }

  /** Those that were given up, and whatever else of ours is there. */
  async function endNodes(): Promise<void> {
    const found = await launcher.nodes(machine, signal);
    const nodes = new Set([...ofHost.map(({ node }) => node), ...found.map(({ id }) => id)]);
    for (const node of nodes) await launcher.end(machine, node, signal);
  }

  /** A host that is sick may be mended by a new image, or a restart. */
  function tolerate(error: unknown): void {
    if (signal.aborted || (reset.command === undefined && !reset.reboot)) throw error;
    logger.info({ err: error, host: name }, 'what is left on a host is not ended before it is reset');
  }

  async function runCommand([file = '', ...args]: readonly string[]): Promise<void> {
    const kept = KEPT.filter((variable) => process.env[variable] !== undefined);
    const env = {
      ...Object.fromEntries(kept.map((variable) => [variable, process.env[variable]])),
      FOOTMAN_HOST: name,
      FOOTMAN_ADDRESS: machines.address(name),
    };
    await runProgram({ file, args, env }, signal);
    if (reset['new-host-key']) await machines.forgetKey(name);
    // Until its users are there, a machine with a new image refuses them.
    await launcher.bootId({ ...machine, isBooting: true }, signal);
  }
}
