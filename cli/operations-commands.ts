import type { CommandTools } from './command-tools.ts';
import type { CordonOptions } from './commands/cordon.ts';
import type { DrainOptions } from './commands/drain.ts';
import type { RemoveNodeOptions } from './commands/node-rm.ts';

const CORDON_HELP = `
The target is a cloud (docker), a template (docker/debian) or the id of a node. Jobs that run go on.

Examples:
  footman cordon docker --reason 'the engine is updated'
  footman cordon docker/debian
  footman cordon 1qf11vk6m41set8k`;

const UNCORDON_HELP = `
Only the target's own cordon goes: a template of a cordoned cloud stays without new nodes.

Examples:
  footman uncordon docker`;

const CORDONS_HELP = `
Examples:
  footman cordons
  footman --json cordons | jq -r '.cordons[].target'`;

const DRAIN_HELP = `
The target is cordoned, and its nodes go: those without a job at once, the others when their jobs have ended, held ones when they
are released. \`footman uncordon\` ends it.

Examples:
  footman drain docker --reason 'the engine is updated' --wait
  footman --json drain docker/debian | jq '.left | length'`;

const NODE_SHOW_HELP = `
What it is, when what happened to it, what its health checks found, and what it printed outside its job. Of nodes that failed, checks
and console are kept.

Examples:
  footman node show 1qf11vk6m41set8k
  footman --json node show 1qf11vk6m41set8k | jq '.checks.results[] | select(.ok | not)'`;

const NODE_RM_HELP = `
A node with a job is removed by force only, and its job ends as errored. A held node goes when it is released.

Examples:
  footman node rm 1qf11vk6m41set8k
  footman node rm 1qf11vk6m41set8k --force --reason 'it hangs'`;

const REASON = ['--reason <text>', 'why, for everybody who asks'] as const;

/** `footman cordon`, `uncordon`, `cordons`, `drain`, `node …` */
export function addOperationsCommands({ command, act }: CommandTools): void {
  command('cordon <target>', 'Lets no new nodes come, and no job have the ready ones.', CORDON_HELP)
    .option(...REASON)
    .action(
      act(async (context, target: string, options: CordonOptions) =>
        (await import('./commands/cordon.ts')).cordon(context, target, options),
      ),
    );

  command('uncordon <target>', 'Takes a cordon away.', UNCORDON_HELP).action(
    act(async (context, target: string) => (await import('./commands/cordon.ts')).uncordon(context, target)),
  );

  command('cordons', 'Lists what is cordoned.', CORDONS_HELP).action(
    act(async (context) => (await import('./commands/cordon.ts')).listCordons(context)),
  );

  command('drain <target>', 'Cordons, and removes the nodes as soon as they have no job.', DRAIN_HELP)
    .option(...REASON)
    .option('-w, --wait', 'until no node is left')
    .action(
      act(async (context, target: string, options: DrainOptions) =>
        (await import('./commands/drain.ts')).drain(context, target, options),
      ),
    );

  const node = command('node', 'Looks after one node.');

  command('show <id>', 'Shows all that is known of a node, be it gone.', NODE_SHOW_HELP, node).action(
    act(async (context, id: string) => (await import('./commands/node-show.ts')).showNode(context, id)),
  );

  command('rm <id>', 'Removes a node.', NODE_RM_HELP, node)
    .option('--force', 'also with a job, which then ends as errored')
    .option(...REASON)
    .action(
      act(async (context, id: string, options: RemoveNodeOptions) =>
        (await import('./commands/node-rm.ts')).removeNode(context, id, options),
      ),
    );
}
