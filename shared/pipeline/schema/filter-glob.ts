import { plainLine } from './fields.ts';
import { MAX_PATH_LENGTH } from '../limits.ts';

/** Globs of the filters of triggers, `!` in front of those that take away again. */

export const branchGlob = plainLine(MAX_PATH_LENGTH)
  .refine((glob) => !/^!?refs\//.test(glob), 'it must be the short name, without refs/heads/ or refs/tags/')
  .refine(
    (glob) => !/^!?\^|\$$/.test(glob),
    'this is a glob, not a regular expression; write it without ^ and $',
  )
  .refine((glob) => glob !== '!' && isBalanced(glob), 'a bracket in this glob has no partner');

export const pathGlob = plainLine(MAX_PATH_LENGTH)
  .refine(
    (glob) => !/^!?\.{0,2}\//.test(glob),
    "a path is relative to the top of the repository; it can't begin with /, ./ or ../",
  )
  .refine((glob) => glob !== '!' && isBalanced(glob), 'a bracket in this glob has no partner');

const CLOSING = new Map([
  ['[', ']'],
  ['{', '}'],
  ['(', ')'],
]);

function isBalanced(glob: string): boolean {
  const open: string[] = [];
  for (const sign of glob.replaceAll(/\\./g, '')) {
    const closing = CLOSING.get(sign);
    if (closing !== undefined) open.push(closing);
    else if (')}]'.includes(sign) && open.pop() !== sign) return false;
  }
  return open.length === 0;
}
