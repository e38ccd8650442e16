import { z } from 'zod';
import { pipelineSchema } from '../schema/pipeline.ts';

/** JSON schema (draft 2020-12) of a pipeline as people write it: completion and checks in editors. */
export function pipelineJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(pipelineSchema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, $id: 'urn:footman:schema:pipeline', title: 'Footman pipeline', ...schema };
}
