/** What the contexts of a fixed shape hold, but for `outputs`, whose names are the author's. */

export const BUILD_FIELDS = [
  'id',
  'number',
  'pipeline',
  'project',
  'event',
  'commit',
  'ref',
  'branch',
  'tag',
  'title',
  'author',
  'actor',
  'rerun-of',
  'pull-request',
];
export const PULL_REQUEST_FIELDS = ['number', 'title', 'author', 'branch', 'base', 'fork'];
export const NEED_FIELDS = ['result', 'outputs', 'cells'];
export const STEP_FIELDS = ['outputs', 'outcome', 'conclusion', 'exit-code'];
export const JOB_FIELDS = ['id', 'key', 'attempt', 'status'];
export const NODE_FIELDS = ['id', 'cloud', 'template', 'labels', 'os', 'arch'];

/** What whoever pushes or opens a pull request chooses freely, and what may hold script code. */
export const UNTRUSTED = [
  ['build', 'branch'],
  ['build', 'tag'],
  ['build', 'ref'],
  ['build', 'title'],
  ['build', 'author'],
  ['build', 'pull-request', 'title'],
  ['build', 'pull-request', 'branch'],
  ['build', 'pull-request', 'author'],
];
