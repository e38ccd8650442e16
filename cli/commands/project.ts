import { readFile } from 'node:fs/promises';
import type { DeliveryList, Project, ProjectChange } from '#controller/api';
import { FootmanError, messageOf } from '#shared/errors';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { readParameters, type ParameterOptions } from '../pipelines/index.ts';
import { formatTable, formatTime, printable } from '../terminal/index.ts';

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
}

export interface BuildOptions extends ParameterOptions {
  ref?: string;
  pipeline?: string;
}

export async function addProject(
  context: Context,
  name: string,
  repository: string,
  options: SettingOptions,
): Promise<number> {
  const settings = await settingsOf(options);
  const project = await withClient(context, ({ projects }) =>
    projects.add({ name, repository, ...settings }),
  );
  await report(context, project, `is added; its default branch is ${project.defaultBranch}`);
  return 0;
}

export async function changeProject(
  context: Context,
  name: string,
  { repository, ...options }: SettingOptions & { repository?: string },
): Promise<number> {
  const change = { ...(await settingsOf(options)), ...(repository === undefined ? {} : { repository }) };
  const project = await withClient(context, ({ projects }) => projects.change(name, change));
  await report(context, project, 'is changed');
  return 0;
}

/** Columns: name, provider, default branch, repository. */
export async function listProjects(context: Context): Promise<number> {
  const list = await withClient(context, ({ projects }) => projects.list());
  const rows = list.projects.map((one) => [one.name, one.provider, one.defaultBranch, one.repository]);
  await printTable(
    context,
    list,
    ['project', 'provider', 'branch', 'repository'],
    rows,
    'There are no projects.',
  );
  return 0;
}

/** Columns: the setting's name, its value. */
export async function showProject(context: Context, name: string): Promise<number> {
  const project = await withClient(context, ({ projects }) => projects.show(name));
  const { createdAt, ...rest } = project;
  const rows = Object.entries(rest).map(([key, value]) => [key, [value ?? ''].flat().join(' ')]);
  await printTable(context, project, ['', ''], [...rows, ['createdAt', formatTime(createdAt)]]);
  return 0;
}

export async function removeProject(context: Context, name: string): Promise<number> {
  const project = await withClient(context, ({ projects }) => projects.remove(name));
  await report(context, project, 'is removed; its builds stay');
  return 0;
}

/** Starts a build; it does not wait for it. */
export async function buildProject(context: Context, name: string, options: BuildOptions): Promise<number> {
  const { ref, pipeline } = options;
  const parameters = await readParameters(context, options);
  if (parameters === undefined) return 65;
  const wish = {
    parameters,
    ...(ref === undefined ? {} : { ref }),
    ...(pipeline === undefined ? {} : { pipeline }),
  };
  const build = await withClient(context, ({ projects }) => projects.build(name, wish));
  if (context.options.json === true) await printJson(context, build);
  else await context.out.write(`build ${build.number} of ${build.pipeline} is started\n`);
  return 0;
}

/** Columns: when it came, event, state, what came of it. */
export async function listDeliveries(
  context: Context,
  name: string,
  { limit }: { limit: number },
): Promise<number> {
  const list: DeliveryList = await withClient(context, ({ projects }) => projects.deliveries(name, limit));
  const rows = list.deliveries.map(({ receivedAt, event, state, reason }) => [
    formatTime(receivedAt),
    printable(event),
    state,
    printable((reason ?? '').replaceAll('\n', '; ')),
  ]);
  await printTable(context, list, ['received', 'event', 'state', 'outcome'], rows, 'Nothing has come yet.');
  return 0;
}

async function settingsOf({ branch, knownHosts, pipelines = [], ...rest }: SettingOptions) {
  return {
    ...rest,
    ...(branch === undefined ? {} : { defaultBranch: branch }),
    ...(pipelines.length === 0 ? {} : { pipelines }),
    ...(knownHosts === undefined ? {} : { knownHosts: await readText(knownHosts) }),
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new FootmanError('not-found', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

async function report(context: Context, project: Project, what: string): Promise<void> {
  if (context.options.json === true) await printJson(context, project);
  else await context.out.write(`project ${project.name} ${what}\n`);
}

async function printTable(
  context: Context,
  value: unknown,
  header: string[],
  rows: string[][],
  none = '',
): Promise<void> {
  const { out, style, options } = context;
  if (options.json === true) return printJson(context, value);
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  else if (out.isTerminal) await out.write(`${none}\n`);
}
