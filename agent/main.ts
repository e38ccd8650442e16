import { messageOf } from '#shared/errors';
import { readBootstrap } from './bootstrap.ts';
import { EXIT, SIGNAL_EXITS } from './exit-codes.ts';
import { parseEndpoint } from './http/index.ts';
import { createLink } from './link/index.ts';
import { say } from './say.ts';
import { createSession } from './session.ts';
import { findFacts, killDescendants, loadLibc, makeFolders } from './system/index.ts';

await main();

/** The one owner of the agent's end: whatever the reason, nothing that a step started outlives the agent. */
async function main(): Promise<void> {
  // Node.js tells what is experimental in it; nobody at a node's console can use that.
  process.removeAllListeners('warning');
  const libc = loadLibc();
  libc.adoptOrphans();
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  for (const [signal, code] of Object.entries(SIGNAL_EXITS)) process.on(signal, () => end(code));
  process.on('uncaughtException', (error) => fail(error));
  serve(end).catch(fail);
  const code = await ended;
  killDescendants(libc);
  process.exit(code);

  async function serve(resolve: (code: number) => void): Promise<void> {
    const bootstrap = await readBootstrap(process.stdin);
    if (bootstrap === undefined) return resolve(EXIT.notStarted);
    const folders = makeFolders(bootstrap.root);
    const endpoint = parseEndpoint(bootstrap.endpoint);
    const link = createLink({ endpoint, token: bootstrap.token, facts: findFacts(folders.root) });
    const session = createSession({ folders, endpoint, link, libc, served: () => resolve(EXIT.served) });
    resolve(EXIT[await link.run(session, new AbortController().signal)]);
  }

  function fail(error: unknown): void {
    say(messageOf(error));
    end(EXIT.internal);
  }
}
