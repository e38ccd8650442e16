import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Folders } from '../system/index.ts';

/** The step's working directory; where that is gone, the workspace, and where that is gone too, what is left. */
export function findFolder(
  { workspace, root }: Pick<Folders, 'workspace' | 'root'>,
  workingDirectory = '',
): string {
  return [join(workspace, workingDirectory), workspace, root].find(isFolder) ?? '/';
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
