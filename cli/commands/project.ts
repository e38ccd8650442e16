import type { Project } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { formatTime } from '../terminal/index.ts';
import { settingsOf, type SettingOptions } from './project-settings.ts';

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
  await printTable(context, list, {
    header: ['project', 'provider', 'branch', 'repository'],
    rows: list.projects.map((one) => [one.name, one.provider, one.defaultBranch, one.repository]),
    none: 'There are no projects.',
  });
  return 0;
}

/** Columns: the setting's name, its value. */
export async function showProject(context: Context, name: string): Promise<number> {
  const project = await withClient(context, ({ projects }) => projects.show(name));
  const { createdAt, knownHosts, ...rest } = project;
  const settings = { ...rest, knownHosts: knownHosts === null ? null : hostsIn(knownHosts) };
  const rows = Object.entries(settings).map(([key, value]) => [key, [value ?? ''].flat().join(' ')]);
  await printTable(context, project, {
    header: ['setting', 'value'],
    rows: [...rows, ['createdAt', formatTime(createdAt)]],
    none: '',
  });
  return 0;
}

export async function removeProject(context: Context, name: string): Promise<number> {
  const project = await withClient(context, ({ projects }) => projects.remove(name));
  await report(context, project, 'is removed; its builds stay');
  return 0;
}

/** Lines of known_hosts are too long for a table: only whom they are for. */
function hostsIn(knownHosts: string): string[] {
  const lines = knownHosts.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return [...new Set(lines.map((line) => line.trim().split(/\s/)[0] ?? ''))];
}

async function report(context: Context, project: Project, what: string): Promise<void> {
  if (context.options.json === true) await printJson(context, project);
  else await context.out.write(`project ${project.name} ${what}\n`);
}
