import type { CommandTools } from './command-tools.ts';
import type { FsckOptions } from './commands/fsck.ts';
import type { RetentionOptions } from './commands/retention.ts';
import { toCount } from './options.ts';

const PIN_HELP = `
A pinned build stays, with all that it left, whatever the rules say, and nobody can delete it.

Examples:
  footman build pin 12 --reason 'the customer has it'
  footman build unpin 12`;

const RM_HELP = `
The build has to have ended. Its artifacts, logs and results of tests go with it, and don't come back.

Examples:
  footman build rm 12`;

const RETENTION_HELP = `
The rules are those of \`retention\` in the configuration, and builds go by them without anybody's doing; this has them go at once.
With --dry-run nothing goes.

Examples:
  footman retention --dry-run
  footman retention --dry-run --staying        also what stays, and why
  footman --json retention --dry-run | jq '.counts'`;

const FSCK_HELP = `
Compares what the store says with what is in the storage, and changes nothing. Objects that nobody has are told of; they are no damage,
and go by themselves. The exit code is 0 when nothing is damaged, and 1 when something is.

Examples:
  footman fsck
  footman fsck --digests                       reads every object
  footman --json fsck | jq 'select(.kind == "finding")'`;

/** `footman build …`, `retention`, `fsck` */
export function addStorageCommands({ command, act }: CommandTools): void {
  const build = command('build', 'Keeps one build, or removes it.');

  command('pin <build>', 'Has a build stay until it is unpinned.', PIN_HELP, build)
    .option('--reason <text>', 'why, for everybody who asks')
    .action(
      act(async (context, name: string, options: { reason?: string }) =>
        (await import('./commands/build.ts')).pinBuild(context, name, options),
      ),
    );

  command('unpin <build>', 'Has a build go again when its time is up.', PIN_HELP, build).action(
    act(async (context, name: string) => (await import('./commands/build.ts')).unpinBuild(context, name)),
  );

  command('rm <build>', 'Removes a build, with all that it left.', RM_HELP, build).action(
    act(async (context, name: string) => (await import('./commands/build.ts')).removeBuild(context, name)),
  );

  command('retention', 'Has builds go whose time is up, and says why.', RETENTION_HELP)
    .option('--dry-run', 'only say what would go')
    .option('--staying', 'also say what stays, and why')
    .option('-n, --limit <count>', 'at most so many of each', toCount, 200)
    .action(
      act(async (context, options: RetentionOptions) =>
        (await import('./commands/retention.ts')).retention(context, options),
      ),
    );

  command('fsck', 'Compares the store with the storage.', FSCK_HELP)
    .option('--digests', 'read every object, and compare its SHA-256')
    .action(
      act(async (context, options: FsckOptions) =>
        (await import('./commands/fsck.ts')).fsck(context, options),
      ),
    );
}
