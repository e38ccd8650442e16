import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';

interface Target {
  hostname: string;
  /** Empty for what the user's ssh configuration says. */
  port: string;
  username: string;
}

const COMMAND = ['docker', 'system', 'dial-stdio'];
const MOST_COMPLAINT_CHARS = 2000;

/**
 * Connections to an engine through the machine's own `ssh`, as the docker command makes them: keys, jump hosts and known hosts are those
 * of the user's configuration, and an unknown host key is refused (docker-modem's own SSH takes any).
 */
export function createSshAgent(target: Target): Agent {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });
  agent.createConnection = () => connect(target);
  return agent;
}

function connect(target: Target): Duplex {
  const child = spawn('ssh', sshArguments(target), { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  // The connection ends with the program, not with its output: only then it is known why.
  const duplex = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk, encoding, done) => void child.stdin.write(chunk, encoding, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy(error, done) {
      child.kill();
      done(error);
    },
  });
  child.stdin.on('error', () => {});
  child.stdout.on('data', (bytes) => {
    if (!duplex.push(bytes)) child.stdout.pause();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MOST_COMPLAINT_CHARS);
  });
  child.once('error', (error) => (complaint = error.message));
  child.once('close', (code) => {
    if (code === 0) duplex.push(null);
    else duplex.destroy(failure(target, complaint));
  });
  return Object.assign(duplex, socketMethods(duplex));
}

function failure({ hostname }: Target, complaint: string): Error {
  const said = complaint.trim().replace(/\s*\n\s*/g, '; ');
  return Object.assign(new Error(`ssh to ${hostname}: ${said || 'the connection ended'}`), { code: 'ESSH' });
}

function sshArguments({ hostname, port, username }: Target): string[] {
  const name = decodeURIComponent(username);
  return [
    '-T',
    '-oBatchMode=yes',
    '-oConnectTimeout=10',
    '-oServerAliveInterval=15',
    '-oServerAliveCountMax=3',
    ...(port === '' ? [] : ['-p', port]),
    ...(name === '' ? [] : ['-l', name]),
    '--',
    hostname,
    ...COMMAND,
  ];
}

/** What node:http asks of a connection that it keeps for the next request; ssh looks after itself. */
function socketMethods(duplex: Duplex) {
  const same = () => duplex;
  return { setKeepAlive: same, setNoDelay: same, setTimeout: same, ref: same, unref: same };
}
