import { writeFileSync } from 'node:fs';
import { pipelineJsonSchema } from '#shared/pipeline';

/** Writes the JSON schema for editors: `node scripts/write-schema.ts`. */
const file = new URL('../docs/usage/pipeline.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`);
