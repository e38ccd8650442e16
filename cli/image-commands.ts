import type { ImportQuery } from '#controller/api';
import type { CommandTools } from './command-tools.ts';
import type { ExportOptions } from './commands/image-files.ts';

const LS_HELP = `
Without a name, all streams with what nodes get of them; with one, its versions, the newest first.

Examples:
  footman image ls
  footman image ls ubuntu
  footman image ls --prepared
  footman --json image ls | jq -r '.streams[] | select(.overdue) | .name'`;

const SHOW_HELP = `
Examples:
  footman image show ubuntu-3.docker
  footman --json image show ubuntu-3.docker | jq -r '.nodes[].id'`;

const PROMOTE_HELP = `
The version was verified, and is not one whose nodes did not come up. Idle nodes of the version before are replaced; jobs that run
go on.

Examples:
  footman image promote ubuntu-3.docker`;

const ROLLBACK_HELP = `
Without --cloud it rolls back all clouds of the stream in one step, or none. Doing it again leads back to where it was.

Examples:
  footman image rollback ubuntu
  footman image rollback ubuntu --cloud docker`;

const INVALIDATE_HELP = `
The key is what \`image ls --prepared\` shows: the image's name, its stream, or at least 6 characters of the stream's digest. Jobs that
run on it go on.

Examples:
  footman image invalidate ceph-main
  footman image invalidate 3f2a9c`;

const RM_HELP = `
A stream's current and previous version stay, and so do those that are in use.

Examples:
  footman image rm ubuntu-1.docker`;

const PRUNE_HELP = `
Removes what is kept for nobody now, instead of some time later.

Examples:
  footman image prune --dry-run
  footman image prune`;

const EXPORT_HELP = `
The file is what \`image import\` takes, in this cloud or another one of its kind. The link needs no token, and is good for an hour.

Examples:
  footman image export ubuntu-3.docker
  footman image export ubuntu-3.docker -o /mnt/ubuntu.tar
  curl -O "$(footman image export --link ubuntu-3.docker)"`;

const IMPORT_HELP = `
What is imported is verified on a node of the template, and promoted by hand.

Examples:
  footman image import ubuntu-3.docker.tar --stream ubuntu --cloud docker --template debian`;

/** `footman image …` */
export function addImageCommands({ command, act }: CommandTools): void {
  const image = command('image', 'Looks after the images that nodes are made from.');

  command('ls [stream]', 'Lists image streams, or the versions of one.', LS_HELP, image)
    .alias('list')
    .option('--prepared', 'prepared images instead')
    .action(
      act(async (context, stream: string | undefined, options: { prepared?: boolean }) =>
        (await import('./commands/image-ls.ts')).listImages(context, stream, options),
      ),
    );

  command('show <version>', 'Shows all that is known of a version, be it gone.', SHOW_HELP, image).action(
    act(async (context, version: string) =>
      (await import('./commands/image-show.ts')).showVersion(context, version),
    ),
  );

  command('promote <version>', 'Has nodes made from this version from now on.', PROMOTE_HELP, image).action(
    act(async (context, version: string) =>
      (await import('./commands/image.ts')).promoteVersion(context, version),
    ),
  );

  command('rollback <stream>', 'Has nodes made from the previous version again.', ROLLBACK_HELP, image)
    .option('--cloud <name>', 'in this cloud only')
    .action(
      act(async (context, stream: string, options: { cloud?: string }) =>
        (await import('./commands/image.ts')).rollBackStream(context, stream, options),
      ),
    );

  command('invalidate <key>', 'Has a prepared image made anew.', INVALIDATE_HELP, image).action(
    act(async (context, key: string) => (await import('./commands/image.ts')).invalidateImage(context, key)),
  );

  command('rm <version>', 'Removes a version.', RM_HELP, image).action(
    act(async (context, version: string) =>
      (await import('./commands/image.ts')).removeVersion(context, version),
    ),
  );

  command('prune', 'Removes the versions that are kept for nobody.', PRUNE_HELP, image)
    .option('--dry-run', 'only say which')
    .action(
      act(async (context, options: { dryRun?: boolean }) =>
        (await import('./commands/image.ts')).pruneImages(context, options),
      ),
    );

  command('export <version>', 'Downloads a version as a file.', EXPORT_HELP, image)
    .option('-o, --output <file>', "where to; the version's name in this folder if left out")
    .option('--link', 'only say where it is downloaded')
    .action(
      act(async (context, version: string, options: ExportOptions) =>
        (await import('./commands/image-files.ts')).exportVersion(context, version, options),
      ),
    );

  command('import <file>', 'Makes a version of a file.', IMPORT_HELP, image)
    .requiredOption('--stream <name>', 'the stream that it is the newest version of')
    .requiredOption('--cloud <name>', 'the cloud that gets it')
    .requiredOption('--template <name>', 'the template whose nodes are made from it')
    .action(
      act(async (context, file: string, options: ImportQuery) =>
        (await import('./commands/image-files.ts')).importVersion(context, file, options),
      ),
    );
}
