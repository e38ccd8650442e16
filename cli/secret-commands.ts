import { Option, type Command } from 'commander';
import type { CommandTools } from './command-tools.ts';
import type { SetOptions } from './commands/secret.ts';
import type { ScopeOptions } from './secrets/index.ts';

const SET_HELP = `
The value comes from standard input, less one newline at its end; on a terminal it is asked for, and not shown.
It is never an argument: every user of the machine can read those.

Examples:
  pass show registry | footman secret set REGISTRY_TOKEN
  footman secret set DEPLOY_KEY --project storage --from-file id_ed25519
  footman secret set NIGHTLY_TOKEN --pipeline storage/nightly --from-env TOKEN`;

const LIST_HELP = `
Examples:
  footman secret list
  footman --json secret list | jq -r '.secrets[].name'`;

const RM_HELP = `
Examples:
  footman secret rm REGISTRY_TOKEN
  footman secret rm DEPLOY_KEY --project storage`;

const ROTATE_HELP = `
All secrets are sealed with a new key, and the old keys leave the key file. Builds go on meanwhile. A rotation that was cut off
leaves everything readable; another one ends it.`;

/** `footman secret …` */
export function addSecretCommands({ command, act }: CommandTools): void {
  const secret = command('secret', 'Keeps secrets for pipelines.');

  scoped(command('set <name>', 'Sets a secret.', SET_HELP, secret))
    .addOption(
      new Option('--debug <policy>', 'whether it stays on nodes that are held for debugging')
        .choices(['allow', 'deny'])
        .default('deny'),
    )
    .option('--from-file <file>', 'take the content of a file, as it is')
    .addOption(
      new Option('--from-env <variable>', 'take the value of an environment variable').conflicts('fromFile'),
    )
    .action(
      act(async (context, name: string, options: SetOptions) =>
        (await import('./commands/secret.ts')).setSecret(context, name, options),
      ),
    );

  command('list', 'Lists secrets, never their values.', LIST_HELP, secret)
    .alias('ls')
    .action(act(async (context) => (await import('./commands/secret.ts')).listSecrets(context)));

  scoped(command('rm <name>', 'Removes a secret.', RM_HELP, secret)).action(
    act(async (context, name: string, options: ScopeOptions) =>
      (await import('./commands/secret.ts')).removeSecret(context, name, options),
    ),
  );

  command('rotate', 'Seals all secrets with a new key.', ROTATE_HELP, secret).action(
    act(async (context) => (await import('./commands/secret.ts')).rotateSecrets(context)),
  );
}

/** Whose secret it is; the controller's, for all builds, where nothing is said. */
function scoped(command: Command): Command {
  return command
    .option('--project <name>', 'for builds of this project only')
    .option(
      '--pipeline <name>',
      "for builds of this pipeline only; with its project's name before it, or with --project",
    )
    .addOption(
      new Option(
        '--scope <scope>',
        'controller, project:NAME, pipeline:NAME or pipeline:PROJECT/NAME',
      ).conflicts(['project', 'pipeline']),
    );
}
