import type { CommandTools } from './command-tools.ts';

const CHECK_HELP = `
Mistakes are told without a controller. With one that runs it says what the file would change, and what that takes: \`now\` is applied by a
reload, \`restart\` by the controller's next start, and \`refused\` keeps a reload from applying anything.

Exit codes: 0 no mistakes, 75 a reload would be refused, 78 mistakes.

Examples:
  footman config check
  footman config check draft.yaml
  footman --json config check draft.yaml | jq -r '.changes[] | select(.takes == "restart") | .sentence'`;

const RELOAD_HELP = `
The file that the controller was started with is read again. With a mistake, or with a change that is refused, everything stays as
it is. SIGHUP to the controller does the same.

Example:
  footman config check && footman config reload`;

const SHOW_HELP = `
It is that of the controller that runs, its defaults included, without secrets; without one, what a controller would start with.

Examples:
  footman config show
  footman --json config show | jq .document.timeouts`;

/** `footman config …` */
export function addConfigCommands({ command, act }: CommandTools): void {
  const config = command('config', "Checks, reloads and shows the controller's configuration.");

  command(
    'check [file]',
    'Tells the mistakes of a configuration, and what it would change.',
    CHECK_HELP,
    config,
  ).action(
    act(async (context, file: string | undefined) =>
      (await import('./commands/config-check.ts')).checkConfiguration(context, file),
    ),
  );

  command('reload', 'Applies what has changed in the file, without a restart.', RELOAD_HELP, config).action(
    act(async (context) => (await import('./commands/config.ts')).reloadConfiguration(context)),
  );

  command('show', 'Shows the configuration that runs.', SHOW_HELP, config).action(
    act(async (context) => (await import('./commands/config.ts')).showConfiguration(context)),
  );
}
