import type { Job, Step } from '#controller/api';

/** `test (3, arm)`, `test (3, arm), attempt 2`. */
export function labelOf({ key, attempt }: Pick<Job, 'key' | 'attempt'>): string {
  return attempt === 1 ? key : `${key}, attempt ${attempt}`;
}

/** `step 2/5`, `post step 1/2`: the step's place among those of its kind. There is but one `last step`. */
export function placeOf({ steps }: Job, { id, phase }: Step): string {
  const kind = kindOf(phase);
  if (kind === LAST) return kind;
  const alike = steps.filter((one) => kindOf(one.phase) === kind);
  return `${kind} ${alike.findIndex((one) => one.id === id) + 1}/${alike.length}`;
}

const LAST = 'last step';

function kindOf(phase: Step['phase']): string {
  if (phase === 'main') return 'step';
  if (phase === 'prepare') return 'prepare step';
  if (phase === 'collect') return LAST;
  return phase === 'save' ? 'cache' : 'post step';
}
