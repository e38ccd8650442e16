import { readFile } from 'node:fs/promises';
import type { ProjectChange } from '#controller/api';
import { FootmanError, messageOf } from '#shared/errors';

/** What of a project the command line can say. */
export interface SettingOptions {
  provider?: NonNullable<ProjectChange['provider']>;
  branch?: string;
  apiUrl?: string;
  pipelines?: string[];
  tokenSecret?: string;
  sshKeySecret?: string;
  webhookSecret?: string;
  /** A file. */
  knownHosts?: string;
  depth?: number;
  share?: number;
  maxNodes?: number;
}

/** As the API takes them; an empty text, and 0 where it stands for no limit, take a setting away. @throws FootmanError `not-found` */
export async function settingsOf({ branch, knownHosts, pipelines = [], share, ...rest }: SettingOptions) {
  const given = Object.entries(rest).map(([name, value]) => [
    name,
    value === '' || value === 0 ? null : value,
  ]);
  return {
    ...(Object.fromEntries(given) as Pick<ProjectChange, keyof typeof rest>),
    ...(share === undefined ? {} : { share }),
    ...(branch === undefined ? {} : { defaultBranch: branch }),
    ...(pipelines.length === 0 ? {} : { pipelines }),
    ...(knownHosts === undefined
      ? {}
      : { knownHosts: knownHosts === '' ? null : await readText(knownHosts) }),
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new FootmanError('not-found', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
