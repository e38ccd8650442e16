import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationReference } from '#controller/config';
import { pipelineReference } from '#shared/pipeline';
import { format, resolveConfig } from 'prettier';

/** Writes the pages that tell every key of a pipeline and of a configuration: `node scripts/write-reference.ts`. */
await write('usage/pipeline-reference.md', pipelineReference());
await write('administration/configuration-reference.md', configurationReference());

async function write(page: string, text: string): Promise<void> {
  const file = fileURLToPath(new URL(`../docs/${page}`, import.meta.url));
  const options = await resolveConfig(file);
  writeFileSync(file, await format(text, { ...options, filepath: file }));
}
