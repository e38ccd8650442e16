import { existsSync } from 'node:fs';
import { runProgram } from '#controller/programs';
import { FootmanError } from '#shared/errors';

/** @throws FootmanError `cloud-refused` where there is no such bridge */
export function checkBridge(bridge: string): void {
  if (existsSync(`/sys/class/net/${bridge}/bridge`)) return;
  throw new FootmanError('cloud-refused', `there is no bridge ${bridge} on the controller's machine`, {
    hint: `ip link add ${bridge} type bridge`,
  });
}

/** Puts a machine's network device on the bridge. Idempotent. It leaves it when its QEMU ends, and with that it is gone. */
export async function joinBridge(device: string, bridge: string, signal: AbortSignal): Promise<void> {
  const args = ['link', 'set', 'dev', device, 'master', bridge, 'up'];
  try {
    await runProgram({ file: 'ip', args, package: 'iproute2' }, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof FootmanError) || error.code !== 'internal') throw error;
    throw new FootmanError('cloud-refused', `${device} can't be put on ${bridge}: ${error.message}`, {
      cause: error,
    });
  }
}
