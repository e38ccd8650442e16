import type { Place } from '#shared/expressions';
import {
  asSchema,
  cellText,
  defaultOf,
  type JsonSchema,
  mayHoldText,
  objectsIn,
  typeOf,
} from '#shared/reference';
import { z } from 'zod';
import { pipelineSchema } from '../schema/pipeline.ts';
import { templatesSchema } from '../schema/template.ts';
import {
  isPlace,
  JOB_PLACES,
  NAMED_PLACES,
  PIPELINE_PLACES,
  type Places,
  PREPARE_PLACES,
  STEP_PLACES,
} from '../check/places.ts';
import { POST_CONDITIONS } from '../pipeline.ts';

interface Section {
  /** Where its keys are: `jobs.JOB.steps[]`. */
  title: string;
  schema: JsonSchema;
  places: Place | Places | undefined;
}

const INTRO = `# Pipeline reference

Every key of a pipeline. \`node scripts/write-reference.ts\` writes this page from the schema that pipelines are checked by; see
[pipelines](pipelines.md) for an introduction, and [pipeline.schema.json](pipeline.schema.json) for editors.

A _duration_ is written with units: \`90s\`, \`10m\`, \`1h30m\`, \`7d\`. An _expression_ is one \`\${{ }}\` and nothing else; where the last column
names a place, text may hold any number of them. [Where expressions may stand](#where-expressions-may-stand) says what each place may use.
`;

/** The page of the documentation that tells every key: type, default, meaning, and where expressions may stand. In Markdown. */
export function pipelineReference(): string {
  const pipeline = sectionsOf({ title: '', schema: jsonSchemaOf(pipelineSchema), places: PIPELINE_PLACES });
  const seen = new Set(pipeline.map(({ schema }) => JSON.stringify(schema)));
  const templates = sectionsOf({ title: '', schema: jsonSchemaOf(templatesSchema), places: undefined });
  const fresh = templates.filter(({ schema }) => !seen.has(JSON.stringify(schema)));
  return [
    INTRO,
    '## The pipeline\n',
    ...pipeline.map(formatSection),
    '## Files of templates\n',
    'What `uses` names: `./ci/common.yaml#unit` is the template `unit` in `ci/common.yaml`. Jobs, steps and parameters are as in a pipeline.\n',
    ...fresh.map(formatSection),
    formatPlaces(),
  ].join('\n');
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
}

/** The mapping itself and those inside of it, each kind once. */
function sectionsOf(root: Section): Section[] {
  const sections: Section[] = [];
  const seen = new Set<string>();
  visit(root);
  return sections;

  function visit(section: Section): void {
    const identity = JSON.stringify(section.schema);
    if (seen.has(identity)) return;
    seen.add(identity);
    sections.push(section);
    for (const [key, value] of Object.entries(section.schema.properties ?? {})) {
      const title = section.title === '' ? key : `${section.title}.${key}`;
      for (const { suffix, schema } of objectsIn(value, key)) {
        visit({ title: `${title}${suffix}`, schema, places: placesIn(key, section.places) });
      }
    }
  }
}

function placesIn(key: string, places: Section['places']): Section['places'] {
  if (key === 'jobs' || key === 'job') return JOB_PLACES;
  if (key === 'prepare') return PREPARE_PLACES;
  const known = placeAt(key, places);
  if (known !== undefined) return known;
  if (key === 'steps' || POST_CONDITIONS.some((condition) => condition === key)) return STEP_PLACES;
  return undefined;
}

function placeAt(key: string, places: Section['places']): Section['places'] {
  if (places === undefined || isPlace(places)) return places;
  return Object.hasOwn(places, key) ? places[key] : undefined;
}

function formatSection({ title, schema, places }: Section): string {
  const { properties = {}, required = [], additionalProperties } = schema;
  const rows = Object.entries(properties).map(([key, value]) =>
    row(`\`${key}\`${required.includes(key) ? ' (required)' : ''}`, asSchema(value), placeAt(key, places)),
  );
  if (typeof additionalProperties === 'object')
    rows.push(row('any other', asSchema(additionalProperties), placeAt('', places)));
  const heading = title === '' ? '' : `### \`${title}\`\n\n${schema.description ?? ''}\n\n`;
  return `${heading}| key | type | default | meaning | expressions |\n| - | - | - | - | - |\n${rows.join('\n')}\n`;
}

function row(key: string, schema: JsonSchema, place: Section['places']): string {
  const isUsed = place !== undefined && isPlace(place) && mayHoldText(schema);
  const name = isUsed ? nameOf(place) : '';
  const cells = [key, typeOf(schema), defaultOf(schema), cellText(schema.description ?? ''), name];
  return `| ${cells.join(' | ')} |`;
}

function nameOf(place: Place): string {
  return Object.entries(NAMED_PLACES).find(([, known]) => known === place)?.[0] ?? '';
}

function formatPlaces(): string {
  const rows = Object.entries(NAMED_PLACES).map(([name, { contexts, functions }]) => {
    return `| ${name} | ${listed(contexts)} | ${listed(functions.map((called) => `${called}()`))} |`;
  });
  return `## Where expressions may stand

| place | contexts | functions, besides those for text and lists |
| - | - | - |
${rows.join('\n')}

Everywhere: \`contains()\`, \`startsWith()\`, \`endsWith()\`, \`format()\`, \`join()\`, \`toJSON()\`, \`fromJSON()\`, \`case()\`.
`;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
