import { z } from 'zod';
import { Problem } from '../http/problem.ts';

const Value = z.unknown().meta({ description: 'As the file would have it; null where there is none.' });

export const ConfigurationChange = z
  .object({
    path: z.array(z.string()).meta({ description: 'Keys in the file that lead to what differs.' }),
    kind: z.enum(['added', 'removed', 'changed']),
    takes: z.enum(['now', 'restart', 'refused']).meta({
      description:
        'Whether a reload applies it, only the next start does, or a reload is refused because of it.',
    }),
    from: Value,
    to: Value,
    sentence: z.string(),
    why: z.string().nullable().meta({ description: 'Why a reload does not apply it.' }),
  })
  .meta({ id: 'ConfigurationChange' });

export const ConfigurationEffect = z
  .object({
    kind: z.enum(['replaced', 'removed', 'finishing', 'pool', 'stranded']),
    sentence: z.string(),
    nodes: z.array(z.string()),
    jobs: z.array(z.string()),
  })
  .meta({ id: 'ConfigurationEffect', description: 'What it means for nodes, pools and jobs that wait.' });

export const ConfigurationOutlook = z
  .object({ changes: z.array(ConfigurationChange), effects: z.array(ConfigurationEffect) })
  .meta({ id: 'ConfigurationOutlook' });
export type ConfigurationOutlook = z.infer<typeof ConfigurationOutlook>;

export const ConfigurationCheck = ConfigurationOutlook.extend({
  problems: z.array(Problem).meta({ description: 'Mistakes; with any, nothing is compared.' }),
}).meta({ id: 'ConfigurationCheck' });
export type ConfigurationCheck = z.infer<typeof ConfigurationCheck>;

export const NewConfiguration = z
  .strictObject({
    text: z
      .string()
      .max(1024 * 1024)
      .optional()
      .meta({
        description: 'YAML that would stand in the file; what does stand there if absent.',
      }),
  })
  .meta({ id: 'NewConfiguration' });

export const Configuration = z
  .object({
    file: z.string().nullable().meta({ description: 'Null where the built-in defaults hold.' }),
    document: z.record(z.string(), z.unknown()).meta({
      description: "What runs, in the file's own keys; values that look like secrets are hidden.",
    }),
  })
  .meta({ id: 'Configuration' });
export type Configuration = z.infer<typeof Configuration>;
