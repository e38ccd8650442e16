import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const SFTP = '/usr/bin/sftp';
const SERVER = fileURLToPath(new URL('sftp-server.ts', import.meta.url));

/** How OpenSSH's client ended, and what it said. */
export interface SftpEnd {
  exit: number | null;
  /** One character a byte; what it prints of files, as it prints it. */
  out: string;
  err: string;
}

/** Two folders, and OpenSSH's client between them: it runs in `local`, and the agent's server in `remote`. */
export interface SftpPlace extends AsyncDisposable {
  local: string;
  remote: string;
  /** Runs commands, one character a byte, up to the first that fails; one that begins with `-` may fail. `wrapper` runs the server. */
  run(commands: string[], wrapper?: string): Promise<SftpEnd>;
}

export function sftpMissing(): string | undefined {
  try {
    accessSync(SFTP, constants.X_OK);
    return undefined;
  } catch {
    return `${SFTP} is not there; install openssh-client`;
  }
}

export async function createSftpPlace(): Promise<SftpPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-sftp-'));
  const [local, remote] = [join(folder, 'local'), join(folder, 'remote')];
  for (const path of [local, remote]) await mkdir(path);
  await chmod(folder, 0o755);

  return {
    local,
    remote,
    async run(commands, wrapper = '') {
      const server = `${wrapper} ${process.execPath} ${SERVER} ${remote}`.trim();
      const client = spawn(SFTP, ['-D', server, '-b', '-'], { cwd: local });
      client.stdin.on('error', () => undefined).end(`${commands.join('\n')}\n`, 'latin1');
      const [out, err, [exit]] = await Promise.all([
        buffer(client.stdout),
        buffer(client.stderr),
        once(client, 'close'),
      ]);
      return { exit: exit as number | null, out: out.toString('latin1'), err: err.toString('latin1') };
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
