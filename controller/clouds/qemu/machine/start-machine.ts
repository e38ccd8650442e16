import { runProgram } from '#controller/programs';
import { FootmanError, messageOf } from '#shared/errors';
import { qemuArguments, type MachineSpec } from './command-line.ts';

export type StartResult = 'started' | 'port-taken';

/** What QEMU says of a machine that is full. */
const FULL = /cannot allocate memory|cannot set up guest memory|no space left on device|too many open files/i;
/** What does not go away by itself: no such bridge, no such accelerator, no right to it. */
const WRONG =
  /could not configure|permission denied|operation not permitted|invalid accelerator|failed to initialize|unsupported|not supported/i;
const PORT_TAKEN = /could not set up host forwarding rule/i;

/**
 * Starts the machine: QEMU goes on by itself, whatever becomes of us. Its overlay and its seed are there.
 *
 * @throws FootmanError `host-unfit` where there is no QEMU, else `cloud-aborted`, `cloud-refused` or `cloud-unavailable` with what it says.
 */
export async function startMachine(
  program: string,
  spec: MachineSpec,
  signal: AbortSignal,
): Promise<StartResult> {
  try {
    await runProgram(
      {
        file: program,
        args: qemuArguments(spec),
        folder: spec.folder.path,
        // The controller's variables may be secrets.
        env: { PATH: process.env['PATH'] },
        package: 'qemu-system-x86',
      },
      signal,
    );
    return 'started';
  } catch (error) {
    if (PORT_TAKEN.test(messageOf(error))) return 'port-taken';
    throw explainStart(error, signal);
  }
}

function explainStart(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || !(error instanceof FootmanError) || error.code !== 'internal') return error;
  const code = FULL.test(error.message)
    ? 'cloud-aborted'
    : WRONG.test(error.message)
      ? 'cloud-refused'
      : 'cloud-unavailable';
  return new FootmanError(code, `QEMU does not start: ${error.message}`, { cause: error });
}
