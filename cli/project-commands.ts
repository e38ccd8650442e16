import { Option, type Command } from 'commander';
import type { CommandTools } from './command-tools.ts';
import type { BuildOptions } from './commands/project-builds.ts';
import type { SettingOptions } from './commands/project-settings.ts';
import { parameterOption, parametersFileOption, toCount } from './options.ts';

const ADD_HELP = `
Examples:
  footman project add storage https://github.com/acme/storage.git --provider github \\
      --token-secret GITHUB_TOKEN --webhook-secret WEBHOOK
  footman project add notes /srv/git/notes.git

Secrets are named here and kept apart: footman secret set GITHUB_TOKEN --project storage`;

const BUILD_HELP = `
Examples:
  footman project build storage
  footman project build storage --follow --ref v1.2 --pipeline .footman/release.yaml -p channel=beta`;

const SET_HELP = `
Examples:
  footman project set storage --branch trunk --depth 50
  footman project set storage --share 3 --max-nodes 20
  footman project set storage --webhook-secret ''     an empty value takes a setting away
  footman project set storage --max-nodes 0           so does 0, of --depth and of --max-nodes`;

const SHOW_HELP = `
Example:
  footman --json project show storage | jq -r .repository`;

const RM_HELP = `
Secrets of its scope stay, too: \`footman secret list\` shows them.

Example:
  footman project rm storage`;

const DELIVERIES_HELP = `
Each says which builds it started, or why a pipeline was not for it.

Examples:
  footman project deliveries storage
  footman --json project deliveries -n 100 storage | jq '.deliveries[] | select(.state == "failed")'`;

const SCHEDULES_HELP = `
They are those of the default branch, with the times that H stands for in this project.

Example:
  footman project schedules storage`;

const STATUSES_HELP = `
Example:
  footman project statuses storage     what is not told yet says why`;

/** `footman project …` */
export function addProjectCommands({ command, act }: CommandTools): void {
  const project = command('project', 'Keeps projects: repositories whose pipelines are built.');

  withSettings(command('add <name> <repository>', 'Adds a project.', ADD_HELP, project)).action(
    act(async (context, name: string, repository: string, options: SettingOptions) =>
      (await import('./commands/project.ts')).addProject(context, name, repository, options),
    ),
  );

  withSettings(command('set <name>', 'Changes what is named of a project.', SET_HELP, project))
    .option('--repository <address>', 'another repository')
    .action(
      act(async (context, name: string, options: SettingOptions & { repository?: string }) =>
        (await import('./commands/project.ts')).changeProject(context, name, options),
      ),
    );

  command('list', 'Lists projects.', '', project)
    .alias('ls')
    .action(act(async (context) => (await import('./commands/project.ts')).listProjects(context)));

  command('show <name>', 'Shows a project.', SHOW_HELP, project).action(
    act(async (context, name: string) => (await import('./commands/project.ts')).showProject(context, name)),
  );

  command('rm <name>', 'Removes a project; its builds stay.', RM_HELP, project).action(
    act(async (context, name: string) =>
      (await import('./commands/project.ts')).removeProject(context, name),
    ),
  );

  command('build <name>', "Starts a build of one of the project's pipelines.", BUILD_HELP, project)
    .option('--ref <ref>', 'branch, tag or commit; the default branch if left out')
    .option('-f, --follow', 'show it until it ends, as `run` does')
    .option('--pipeline <file>', 'which pipeline, by its file or its name, where there are several')
    .addOption(parameterOption())
    .addOption(parametersFileOption())
    .action(
      act(async (context, name: string, options: BuildOptions) =>
        (await import('./commands/project-builds.ts')).buildProject(context, name, options),
      ),
    );

  command(
    'deliveries <name>',
    'Lists what webhooks and schedules came to, the newest first.',
    DELIVERIES_HELP,
    project,
  )
    .option('-n, --limit <count>', 'at most so many', toCount, 20)
    .action(
      act(async (context, name: string, options: { limit: number }) =>
        (await import('./commands/project-builds.ts')).listDeliveries(context, name, options),
      ),
    );

  command('schedules <name>', 'Lists when builds start by themselves.', SCHEDULES_HELP, project).action(
    act(async (context, name: string) =>
      (await import('./commands/project-builds.ts')).listSchedules(context, name),
    ),
  );

  command(
    'statuses <name>',
    'Lists what the provider was told of the newest builds.',
    STATUSES_HELP,
    project,
  ).action(
    act(async (context, name: string) =>
      (await import('./commands/project-builds.ts')).listStatuses(context, name),
    ),
  );
}

function withSettings(command: Command): Command {
  return command
    .addOption(
      new Option('--provider <name>', 'whose webhooks and statuses it has; git, if nobody says').choices([
        'git',
        'github',
        'gitlab',
        'gitea',
        'forgejo',
      ]),
    )
    .option('--branch <name>', 'default branch; asked from the repository if left out')
    .option('--pipelines <globs...>', 'pipeline files; .footman.yaml and .footman/*.yaml if left out')
    .option('--token-secret <name>', 'secret with a token for HTTP and for the API')
    .option('--ssh-key-secret <name>', 'secret with a private key for SSH')
    .option('--webhook-secret <name>', 'secret that webhooks are signed with')
    .option('--known-hosts <file>', "file with the SSH server's keys")
    .option('--api-url <url>', "base of the provider's API, where it is not told from the repository")
    .option('--depth <commits>', 'commits of history that builds get; all if left out', toCount)
    .option(
      '--share <weight>',
      'weight where projects compete for nodes, 1 to 1000; 1 if nobody says',
      toCount,
    )
    .option(
      '--max-nodes <count>',
      'most nodes that its jobs have at one time; no limit if left out',
      toCount,
    );
}
