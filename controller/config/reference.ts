import { z } from 'zod';
import { cloudKind, cloudKinds, type CloudKind } from '#controller/clouds';
import { asSchema, cellText, defaultOf, objectsIn, typeOf, type JsonSchema } from '#shared/reference';
import { CLOUD_KEYS, TEMPLATE_KEYS } from './cloud-schema.ts';
import { configurationSchema } from './schema.ts';

interface Section {
  /** Where its keys are: `timeouts`, `pool.schedule[]`. */
  title: string;
  schema: JsonSchema;
}

const INTRO = `# Configuration reference

Every key of \`footman.yaml\`. \`node scripts/write-reference.ts\` writes this page from the schema that the file is checked by; see
[provisioning](provisioning.md) and [running a controller](controller.md) for what to do with them. \`footman config check\` tells mistakes, and
\`footman config show\` prints what runs, with all defaults.

A _duration_ is written with units: \`90s\`, \`10m\`, \`1h30m\`, \`7d\`. A _size_ is a number of bytes, or has a unit: \`512MiB\`, \`2GiB\`, \`10GB\`.
`;

const NAMES = `A cloud's name has lower-case letters, digits and dashes, a template's dots as well. These keys are those of all kinds; [below](#kinds-of-clouds)
are those of each.
`;

/** The page of the documentation that tells every key of the configuration: type, default, meaning. In Markdown. */
export function configurationReference(): string {
  const { clouds, ...properties } = jsonSchemaOf(configurationSchema()).properties ?? {};
  const { additionalProperties: _cloud, ...mapping } = asSchema(clouds);
  return [
    INTRO,
    '## The file\n',
    ...sectionsOf('', { properties: { ...properties, clouds: mapping }, required: ['clouds'] }).map(format),
    '## Clouds and templates\n',
    NAMES,
    ...sectionsOf(
      'clouds.CLOUD',
      jsonSchemaOf(z.strictObject({ kind: KIND, ...CLOUD_KEYS, templates: TEMPLATES })),
    ).map(format),
    ...sectionsOf('clouds.CLOUD.templates.TEMPLATE', jsonSchemaOf(z.strictObject(TEMPLATE_KEYS))).map(format),
    '## Kinds of clouds\n',
    ...cloudKinds().map(cloudKind).flatMap(kindSections),
  ].join('\n');
}

const KIND = z.string().describe('What provides the nodes: one of the kinds below.');
const TEMPLATES = z.record(z.string(), z.unknown()).describe('Recipes for nodes, by name.');

function kindSections({ kind, settings, template }: CloudKind): string[] {
  const cloud = jsonSchemaOf(settings);
  const head = `### \`kind: ${kind}\`\n\n${cloud.description ?? ''}\n`;
  const own = [
    ...sectionsOf('clouds.CLOUD', cloud),
    ...sectionsOf('clouds.CLOUD.templates.TEMPLATE', jsonSchemaOf(template)),
  ];
  const tables = own.filter(({ schema }) => Object.keys(schema.properties ?? {}).length > 0);
  return [head, ...tables.map(({ title, schema }) => `\`${title}\`:\n\n${table(schema)}`)];
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
}

/** The mapping itself and those inside of it. */
function sectionsOf(title: string, schema: JsonSchema): Section[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, value]) =>
    objectsIn(value, key).flatMap(({ suffix, schema: inner }) =>
      sectionsOf(`${title === '' ? '' : `${title}.`}${key}${suffix}`, inner),
    ),
  );
  return [{ title, schema }, ...inner];
}

function format({ title, schema }: Section): string {
  const kind = asSchema(schema.properties?.['kind']).const;
  const heading = `### \`${title}\`${kind === undefined ? '' : ` with \`kind: ${String(kind)}\``}\n\n${schema.description ?? ''}\n\n`;
  return `${title === '' ? '' : heading}${table(schema)}`;
}

function table({ properties = {}, required = [] }: JsonSchema): string {
  const rows = Object.entries(properties).map(([key, value]) => {
    const schema = asSchema(value);
    const name = `\`${key}\`${required.includes(key) ? ' (required)' : ''}`;
    return `| ${[name, typeOf(schema), defaultText(schema), cellText(schema.description ?? '')].join(' | ')} |`;
  });
  return `| key | type | default | meaning |\n| - | - | - | - |\n${rows.join('\n')}\n`;
}

/** A mapping's own defaults stand with its keys. */
function defaultText(schema: JsonSchema): string {
  const isMapping = typeof schema.default === 'object' && !Array.isArray(schema.default);
  return isMapping ? '' : defaultOf(schema);
}
