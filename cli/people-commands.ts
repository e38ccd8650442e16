import { Option } from 'commander';
import type { CommandTools } from './command-tools.ts';
import type { AutoholdOptions } from './commands/autohold.ts';
import { holding, toCount, toDuration } from './options.ts';

const AUTOHOLD_HELP = `
Names may have * and ?. The failure of a job that is tried again does not count; its last attempt does.

Examples:
  footman autohold add --pipeline nightly --job 'test*' --branch main --count 2 --for 8h
  footman autohold ls
  footman autohold rm AUTOHOLD`;

const KEY_HELP = `
Examples:
  footman key add ~/.ssh/id_ed25519.pub
  ssh-add -L | footman key add -
  footman key rm SHA256:2s…`;

const TOKEN_HELP = `
The roles: read sees everything but secrets, develop also has builds, held nodes and keys of its own, admin does everything.

Examples:
  footman token alice --role develop --for 30d > alice.token
  FOOTMAN_TOKEN_FILE=alice.token footman --controller http://ci:8080 hold ls`;

const AUDIT_HELP = `
Examples:
  footman audit
  footman audit --subject HOLD
  footman --json audit -n 1000 | jq -r '.entries[] | select(.action | startswith("hold.key"))'`;

/** `footman autohold …`, `key …`, `token`, `audit` */
export function addPeopleCommands({ command, act }: CommandTools): void {
  const autohold = command('autohold', 'Holds the nodes of the next failures.', AUTOHOLD_HELP);

  holding(command('add', 'Adds a rule; so does no command.', AUTOHOLD_HELP, autohold, { isDefault: true }))
    .option('--project <name>', 'only of this project')
    .option('--pipeline <name>', 'only of pipelines with this name')
    .option('--job <key>', 'only of jobs with this key, or this id in the pipeline')
    .option('--branch <name>', 'only of builds of this branch')
    .option('--count <number>', 'how many failures; 1 if left out', toCount)
    .option('--stands <duration>', 'how long the rule stands at most; 7d if left out', toDuration)
    .action(
      act(async (context, options: AutoholdOptions) =>
        (await import('./commands/autohold.ts')).addAutohold(context, options),
      ),
    );

  command('ls', 'Lists the rules that stand.', '', autohold)
    .alias('list')
    .option('--mine', 'only your own')
    .action(
      act(async (context, options: { mine?: boolean }) =>
        (await import('./commands/autohold.ts')).listAutoholds(context, options),
      ),
    );

  command('rm <autohold>', 'Removes a rule.', '', autohold).action(
    act(async (context, id: string) => (await import('./commands/autohold.ts')).removeAutohold(context, id)),
  );

  const key = command('key', 'Keeps the public keys that open your held nodes.', KEY_HELP);

  command('add <file>', 'Registers the public keys in a file; - is standard input.', '', key).action(
    act(async (context, file: string) => (await import('./commands/key.ts')).addProfileKeys(context, file)),
  );

  command('ls', 'Lists your keys.', '', key)
    .alias('list')
    .action(act(async (context) => (await import('./commands/key.ts')).listProfileKeys(context)));

  command('rm <fingerprint>', 'Removes a key.', '', key).action(
    act(async (context, fingerprint: string) =>
      (await import('./commands/key.ts')).removeProfileKey(context, fingerprint),
    ),
  );

  command('token <name>', 'Signs a token for somebody, and prints it.', TOKEN_HELP)
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(['read', 'develop', 'admin'])
        .makeOptionMandatory(),
    )
    .option('--for <duration>', 'how long it is good; for ever if left out', toDuration)
    .action(
      act(async (context, name: string, options: { role: 'read' | 'develop' | 'admin'; for?: string }) =>
        (await import('./commands/token.ts')).signToken(context, name, options),
      ),
    );

  command('audit', 'Lists who did what, the newest first.', AUDIT_HELP)
    .option('--subject <name>', "only what was done to this, such as a hold's id")
    .option('-n, --limit <count>', 'at most so many', toCount, 50)
    .action(
      act(async (context, options: { subject?: string; limit: number }) =>
        (await import('./commands/audit.ts')).audit(context, options),
      ),
    );
}
