import { messageOf } from '#shared/errors';
import type { Bootstrap } from '#shared/protocol';
import { readBootstrap } from './bootstrap.ts';
import { EXIT, SIGNAL_EXITS } from './exit-codes.ts';
import { parseEndpoint } from './http/index.ts';
import { createLink } from './link/index.ts';
import { say } from './say.ts';
import { createSession } from './session.ts';
import { findFacts, killDescendants, loadLibc, makeFolders, type Libc } from './system/index.ts';

const STDIN = 0;

main();

function main(): void {
  // Until the line is there, a signal simply ends the process.
  const bootstrap = readBootstrap(STDIN);
  if (bootstrap === undefined) process.exit(EXIT.notStarted);
  // Node.js tells what is experimental in it; nobody at a node's console can use that.
  process.removeAllListeners('warning');
  const libc = loadLibc();
  libc.adoptOrphans();
  for (const [signal, code] of Object.entries(SIGNAL_EXITS)) process.on(signal, () => end(libc, code));
  process.on('uncaughtException', (error) => {
    say(messageOf(error));
    end(libc, EXIT.internal);
  });
  void serve(bootstrap, libc);
}

/** Serves one lease. What it throws is an uncaught exception, and ends the agent. */
async function serve(bootstrap: Bootstrap, libc: Libc): Promise<void> {
  const folders = makeFolders(bootstrap.root);
  const endpoint = parseEndpoint(bootstrap.endpoint);
  const link = createLink({ endpoint, token: bootstrap.token, facts: findFacts(folders.root) });
  const served = () => end(libc, EXIT.served);
  const session = createSession({ folders, endpoint, link, libc, served });
  // Whyever the agent ends: after a reboot its next boot is told anew what is to be there.
  process.on('exit', session.over);
  end(libc, EXIT[await link.run(session)]);
}

/** The only way out: whatever the reason, nothing that a step started outlives the agent. */
function end(libc: Libc, code: number): never {
  killDescendants(libc);
  process.exit(code);
}
