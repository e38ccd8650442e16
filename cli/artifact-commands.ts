import type { CommandTools } from './command-tools.ts';
import type { catArtifact } from './commands/artifacts-cat.ts';
import type { getArtifactsOf } from './commands/artifacts-get.ts';
import type { linkArtifact } from './commands/artifacts-link.ts';
import type { listArtifacts } from './commands/artifacts-ls.ts';
import { toDurationUpTo, toRange } from './options.ts';

const LS_HELP = `
\`ls\` may be left out.

Examples:
  footman artifacts 12
  footman artifacts ls 12 test --files
  footman --json artifacts ls 12 | jq -r '.artifacts[] | select(.state == "waiting") | .name'`;

const GET_HELP = `
One artifact goes right into the folder; of several, each has its own there, as JOB/ARTIFACT. Paths are files of it, or folders.
What is there already is not downloaded again: after an interruption the same command goes on where it was.

Examples:
  footman artifacts get 12 --to out                     everything, as out/JOB/ARTIFACT/PATH
  footman artifacts get 12 build packages --to dist     one artifact, as dist/PATH
  footman artifacts get 12 build packages doc README
  footman artifacts get 12 --wait`;

const CAT_HELP = `
Examples:
  footman artifacts cat 12 build packages SUMMARY
  footman artifacts cat 12 build packages disk.img --range 0-511 | xxd`;

const LINK_HELP = `
Whoever has the link may download, until it expires; it can not be taken back. Without a path it is that of the whole artifact.

Examples:
  footman artifacts link 12 build packages --for 7d
  footman artifacts link 12 test report index.html --for 1h`;

/** `footman artifacts …` */
export function addArtifactCommands({ command, act }: CommandTools): void {
  const artifacts = command('artifacts', 'Lists what jobs left, downloads it, and shares it.');

  command('ls <build> [job] [artifact]', 'Lists artifacts; `ls` may be left out.', LS_HELP, artifacts, {
    isDefault: true,
  })
    .alias('list')
    .option('--files', 'their files')
    .action(
      act(async (...given: Parameters<typeof listArtifacts>) =>
        (await import('./commands/artifacts-ls.ts')).listArtifacts(...given),
      ),
    );

  command('get <build> [job] [artifact] [paths...]', 'Downloads artifacts.', GET_HELP, artifacts)
    .option('--to <dir>', 'folder that they go into; this one if left out')
    .option('--wait', 'for those that are not complete yet')
    .action(
      act(async (...given: Parameters<typeof getArtifactsOf>) =>
        (await import('./commands/artifacts-get.ts')).getArtifactsOf(...given),
      ),
    );

  command('cat <build> <job> <artifact> <path>', 'Prints one file.', CAT_HELP, artifacts)
    .option('--range <first-last>', 'only these bytes, counted from 0; -100 is the last hundred', toRange)
    .action(
      act(async (...given: Parameters<typeof catArtifact>) =>
        (await import('./commands/artifacts-cat.ts')).catArtifact(...given),
      ),
    );

  command('link <build> <job> <artifact> [path]', 'Makes a link that needs no token.', LINK_HELP, artifacts)
    .requiredOption('--for <duration>', 'how long it is good, at most 7d', toDurationUpTo('7d'))
    .action(
      act(async (...given: Parameters<typeof linkArtifact>) =>
        (await import('./commands/artifacts-link.ts')).linkArtifact(...given),
      ),
    );
}
