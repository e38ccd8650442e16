import { defined } from './defined.ts';
import { inside, type Origin } from '../origin.ts';
import type { Prepare } from '../pipeline.ts';
import type { PrepareSource } from '../schema/prepare.ts';
import { toList } from './list.ts';
import { type StepOptions, toSteps } from './step.ts';

export function toPrepare(
  source: PrepareSource,
  origin: Origin,
  { library, defaults }: StepOptions,
): Prepare {
  // A directory of the job's own steps is not there yet.
  const options = { library, defaults: { shell: defaults.shell } };
  return {
    ...defined({ key: source.key }),
    files: toList(source.files),
    ttlMs: source.ttl,
    maxStaleMs: source['max-stale'],
    onMiss: source['on-miss'],
    layers: source.layers,
    steps: toSteps(source.steps, inside(origin, 'steps'), options),
  };
}
