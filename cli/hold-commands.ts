import type { CommandTools } from './command-tools.ts';
import {
  ADD_KEY_HELP,
  EXTEND_HELP,
  HOLD_HELP,
  LS_HELP,
  RECORDING_HELP,
  RELEASE_HELP,
  RESUME_HELP,
  REVOKE_KEY_HELP,
  SESSIONS_HELP,
  SHELL_HELP,
  SHOW_HELP,
  SNAPSHOT_HELP,
} from './hold-help.ts';
import type { HoldingOptions } from './holds/index.ts';
import { holding, keyOption, toDuration } from './options.ts';

/** `footman hold …` */
export function addHoldCommands({ command, act }: CommandTools): void {
  const hold = command('hold', 'Keeps the nodes of jobs for people, and lets them in.');

  // No name is needed: `footman hold 12/test`. The others' options would be taken for those of `hold` if it had any.
  holding(
    command('job <job>', "Holds a job's node when the job ends; `job` may be left out.", HOLD_HELP, hold, {
      isDefault: true,
    }),
  ).action(
    act(async (context, job: string, options: HoldingOptions) =>
      (await import('./commands/hold.ts')).hold(context, job, options),
    ),
  );

  command('ls', 'Lists held nodes.', LS_HELP, hold)
    .alias('list')
    .option('-a, --all', 'with those that ended')
    .option('--owner <name>', 'only those of this owner')
    .action(
      act(async (context, options: { all?: boolean; owner?: string }) =>
        (await import('./commands/hold-ls.ts')).listHolds(context, options),
      ),
    );

  command('show <hold>', 'Shows all that is known of a hold, and how to get in.', SHOW_HELP, hold).action(
    act(async (context, id: string) => (await import('./commands/hold-show.ts')).showHold(context, id)),
  );

  command(
    'shell <hold> [command...]',
    'Opens a shell on a held node, or runs a command.',
    SHELL_HELP,
    hold,
  ).action(
    act(async (context, id: string, words: string[]) =>
      (await import('./commands/hold-shell.ts')).holdShell(context, id, words),
    ),
  );

  command('extend <hold>', 'Holds a node for longer.', EXTEND_HELP, hold)
    .requiredOption('--for <duration>', 'from now on', toDuration)
    .action(
      act(async (context, id: string, options: { for: string }) =>
        (await import('./commands/hold-change.ts')).extendHold(context, id, options),
      ),
    );

  command('release <hold>', 'Gives a held node back.', RELEASE_HELP, hold).action(
    act(async (context, id: string) => (await import('./commands/hold-change.ts')).releaseHold(context, id)),
  );

  command('add-key <hold>', 'Lets a public key in.', ADD_KEY_HELP, hold)
    .addOption(keyOption().makeOptionMandatory())
    .option('--user <name>', "account on the node whose sshd lets it in as well; the agent's own if left out")
    .action(
      act(async (context, id: string, options: { key: string[]; user?: string }) =>
        (await import('./commands/hold-keys.ts')).addHoldKeys(context, id, options),
      ),
    );

  command('revoke-key <hold> <key>', 'Takes a key back, at once.', REVOKE_KEY_HELP, hold).action(
    act(async (context, id: string, key: string) =>
      (await import('./commands/hold-keys.ts')).revokeHoldKey(context, id, key),
    ),
  );

  command(
    'snapshot <hold>',
    'Keeps the machine as an image, and gives the node back.',
    SNAPSHOT_HELP,
    hold,
  ).action(
    act(async (context, id: string) => (await import('./commands/hold-change.ts')).snapshotHold(context, id)),
  );

  holding(command('resume <hold>', 'Starts a machine again that was kept as an image.', RESUME_HELP, hold))
    .option('-f, --follow', 'show its build until it ends, as `run` does')
    .action(
      act(async (context, id: string, options: HoldingOptions & { follow?: boolean }) =>
        (await import('./commands/hold-change.ts')).resumeHold(context, id, options),
      ),
    );

  command('sessions <hold>', 'Lists who was on the node.', SESSIONS_HELP, hold).action(
    act(async (context, id: string) =>
      (await import('./commands/hold-sessions.ts')).listSessions(context, id),
    ),
  );

  command('recording <hold> <session>', 'Downloads what a terminal showed.', RECORDING_HELP, hold)
    .option('-o, --output <file>', 'where to; standard output if left out')
    .action(
      act(async (context, id: string, session: string, options: { output?: string }) =>
        (await import('./commands/hold-sessions.ts')).holdRecording(context, id, session, options),
      ),
    );
}
