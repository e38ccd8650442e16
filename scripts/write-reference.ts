import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pipelineReference } from '#shared/pipeline';
import { format, resolveConfig } from 'prettier';

/** Writes the page that tells every key of a pipeline: `node scripts/write-reference.ts`. */
const file = fileURLToPath(new URL('../docs/usage/pipeline-reference.md', import.meta.url));
const options = await resolveConfig(file);
writeFileSync(file, await format(pipelineReference(), { ...options, filepath: file }));
