import type { OpenCloud, Template } from '#controller/provisioner';
import { countLiveByTemplate, type TemplateCount } from '#controller/store';
import type { ApiDeps, CloudProblem } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { CloudList, type Cloud } from './schema.ts';
import { z } from 'zod';

export function cloudRoutes({ store, fleet, problemOf }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/clouds',
      summary: 'Lists the clouds, their templates and labels, and how many nodes are in which state.',
      role: 'read',
      query: z.strictObject({}),
      answer: CloudList,
      async handle() {
        const counts = await countLiveByTemplate(store.db);
        return { clouds: fleet.clouds().map((cloud) => viewCloud(cloud, counts, problemOf?.(cloud.name) ?? null)) };
      },
    }),
  ];
}

function viewCloud(open: OpenCloud, counts: readonly TemplateCount[], problem: CloudProblem | null): Cloud {
  const { name, kind, quota, cloud, templates } = open;
  return {
    name,
    kind,
    maxNodes: quota.nodes,
    capabilities: cloud.capabilities,
    problem,
    templates: templates.map((template) => viewTemplate(template, counts)),
  };
}

function viewTemplate(template: Template, counts: readonly TemplateCount[]): Cloud['templates'][number] {
  const { cloud, name, labels, quota, pool } = template;
  const own = counts.filter((entry) => entry.cloud === cloud && entry.template === name);
  const nodes = Object.fromEntries(own.map(({ state, count }) => [state, count]));
  return { name, labels: [...labels].sort(), maxNodes: quota.nodes, minReady: pool.minReady, nodes };
}
