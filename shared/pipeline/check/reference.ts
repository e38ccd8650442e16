import { nearest } from '#shared/nearest';
import {
  BUILD_FIELDS,
  JOB_FIELDS,
  NEED_FIELDS,
  NODE_FIELDS,
  PULL_REQUEST_FIELDS,
  STEP_FIELDS,
} from './context-fields.ts';
import type { Scope } from './scope.ts';

interface Complaint {
  message: string;
  hint?: string | undefined;
}

/** What is wrong with `needs.build.outputs.x` and the like, where the file tells. `*` in a path is known at run time only. */
export function checkReference(path: readonly string[], scope: Scope): Complaint | undefined {
  const [context = '', name = '*', field = '*', item = '*'] = path;
  switch (context) {
    case 'parameters':
      return checkName(name, scope.parameters, 'parameter', 'declare it under "parameters"');
    case 'env':
      return checkVariable(name, scope);
    case 'matrix':
      return checkMatrix(name, scope);
    case 'needs':
      return checkNeed(name, field, item, scope);
    case 'steps':
      return (
        checkName(name, scope.steps, 'earlier step with the id', 'an "id" names a step for those after it') ??
        checkField('steps.ID', field, STEP_FIELDS)
      );
    case 'build':
      return (
        checkField('build', name, BUILD_FIELDS) ??
        (name === 'pull-request' ? checkField('build.pull-request', field, PULL_REQUEST_FIELDS) : undefined)
      );
    case 'job':
      return checkField('job', name, JOB_FIELDS);
    case 'node':
      return checkField('node', name, NODE_FIELDS);
    default:
      return undefined;
  }
}

function checkVariable(name: string, { unset = [] }: Scope): Complaint | undefined {
  if (!unset.some((other) => isSame(other, name))) return undefined;
  return {
    message: `the variable ${JSON.stringify(name)} of the job is not set here`,
    hint: 'only those of the pipeline are: write its value out, or move it there',
  };
}

function checkMatrix(name: string, { matrix, needs }: Scope): Complaint | undefined {
  if (matrix === 'unknown') return undefined;
  if (matrix !== 'none') return checkName(name, matrix, 'axis', 'add it to "matrix"');
  return needs === 'template'
    ? {
        message: "a template can't see the matrix of who uses it",
        hint: 'pass the value as a parameter: "with"',
      }
    : { message: 'this job has no matrix', hint: 'add "matrix" to the job' };
}

function checkNeed(name: string, field: string, item: string, { needs }: Scope): Complaint | undefined {
  if (needs === 'template') {
    return {
      message: "a template can't see other jobs",
      hint: 'pass the value as a parameter: "with"',
    };
  }
  const known = checkName(name, [...needs.keys()], 'job in "needs" with the id', 'add it to "needs"');
  if (known !== undefined) return known;
  const wrong = checkField('needs.JOB', field, NEED_FIELDS);
  const outputs = find(name, needs);
  if (wrong !== undefined || field.toLowerCase() !== 'outputs' || outputs === undefined) return wrong;
  return checkName(
    item,
    outputs,
    `output of the job ${name} with the name`,
    `add it to "outputs" of ${name}`,
  );
}

function find<T>(name: string, map: ReadonlyMap<string, T>): T | undefined {
  return map.get(name) ?? [...map].find(([key]) => isSame(key, name))?.[1];
}

function checkName(
  name: string,
  known: readonly string[],
  what: string,
  remedy: string,
): Complaint | undefined {
  if (name === '*' || known.some((other) => isSame(other, name))) return undefined;
  return { message: `there is no ${what} ${JSON.stringify(name)}`, hint: meant(name, known) ?? remedy };
}

function checkField(context: string, name: string, known: readonly string[]): Complaint | undefined {
  if (name === '*' || known.some((other) => isSame(other, name))) return undefined;
  const hint = meant(name, known) ?? `it has ${known.join(', ')}`;
  return { message: `${context} has nothing called ${JSON.stringify(name)}`, hint };
}

function meant(name: string, known: readonly string[]): string | undefined {
  const [likely] = nearest(name, known, 1);
  if (likely !== undefined) return `did you mean ${JSON.stringify(likely)}?`;
  return undefined;
}

/** Keys of contexts are compared without regard to case, as GitHub does. */
function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
