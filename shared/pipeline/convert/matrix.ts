import { defined } from './defined.ts';
import type { Matrix } from '../pipeline.ts';
import type { MatrixSource } from '../schema/matrix.ts';

export function toMatrix(source: MatrixSource): Matrix {
  if (typeof source === 'string') return { axes: source, include: [], exclude: [], failFast: true };
  const { include = [], exclude = [], 'fail-fast': failFast, 'max-parallel': maxParallel, ...axes } = source;
  return {
    axes,
    include,
    exclude,
    failFast,
    ...defined({ maxParallel }),
  };
}
