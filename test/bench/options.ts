import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [options]
  --only 1,4       only these rows
  --quick          fewer samples, for trying out
  --write          write docs/development/performance.md (all rows, full samples)
  --footman FILE   another footman than this checkout's, to compare with
  --profile DIR    CPU profiles of the controllers go there
`;

export interface Options {
  only: ReadonlySet<number> | undefined;
  quick: boolean;
  write: boolean;
  footman: string;
  profile: string | undefined;
}

const FOOTMAN = fileURLToPath(new URL('../../bin/footman', import.meta.url));

/** @throws Error with a sentence for whoever typed it. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      footman: { type: 'string', default: FOOTMAN },
      profile: { type: 'string' },
    },
  });
  const { only, quick, write, footman, profile } = values;
  if (write && (quick || only !== undefined || footman !== FOOTMAN || profile !== undefined)) {
    throw new Error('--write takes a whole run of this checkout: leave the other options out');
  }
  return {
    only: only === undefined ? undefined : new Set(only.split(',').map(Number)),
    quick,
    write,
    footman: resolve(footman),
    profile: profile === undefined ? undefined : resolve(profile),
  };
}
