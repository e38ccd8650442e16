import type Docker from 'dockerode';
import type { Readable } from 'node:stream';
import { tailOfLog } from './container-log.ts';

export interface Ran {
  exitCode: number;
  /** The last of what it printed. */
  output: string;
}

const MOST_OUTPUT_BYTES = 4096;

export async function runInContainer(
  docker: Docker,
  id: string,
  command: readonly string[],
  abortSignal: AbortSignal,
): Promise<Ran> {
  const created = await docker.getContainer(id).exec({
    Cmd: [...command],
    User: '0',
    WorkingDir: '/',
    AttachStdout: true,
    AttachStderr: true,
    abortSignal,
  });
  const answer: Readable = await created.start({ abortSignal });
  const output = tailOfLog(Buffer.concat(await answer.toArray({ signal: abortSignal })), MOST_OUTPUT_BYTES);
  const { ExitCode } = await created.inspect({ abortSignal });
  // Nobody knows where the container ended before it.
  return { exitCode: ExitCode ?? -1, output };
}
