import { FootmanError } from '#shared/errors';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { attachTerminal, commandOf, openTerminal, screenSize } from '../holds/index.ts';

/** Opens a shell on a held node, or runs a command there, in a terminal; resolves with its exit status, as a shell has it. */
export async function holdShell(context: Context, id: string, words: readonly string[]): Promise<number> {
  const command = commandOf(words);
  if (!process.stdin.isTTY) {
    if (command === undefined)
      throw new FootmanError('request-invalid', 'a shell wants a terminal, and standard input is none', {
        hint: `footman hold shell ${id} -- COMMAND runs one; ssh to the bastion takes pipes`,
      });
    await context.err.write('footman: standard input is no terminal: the command reads nothing from it\n');
  }
  return withClient(context, async (client) => {
    const { TERM: term } = context.env;
    const terminal = await openTerminal(context, client, {
      hold: id,
      ...screenSize(),
      ...(term === undefined || term === '' ? {} : { term }),
      ...(command === undefined ? {} : { command }),
    });
    return attachTerminal(context, terminal);
  });
}
