import { readFile, readlink } from 'node:fs/promises';
import type { KernelProcess } from '#controller/processes';

/** The variable that marks a node's processes: steps inherit it from the agent, daemons from steps. */
export const NODE_VARIABLE = 'FOOTMAN_NODE_ID';

export interface ProcessOwner {
  node: string;
  /** The node's folder, without symbolic links. */
  folder: string;
  /** No process of the node started before, in ticks since the boot. */
  sinceTicks: number;
}

/**
 * The processes that belong to a node: those that bear the node's mark in their environment, as the agent does and as Jenkins'
 * process-tree killer looks for it; those whose working or root directory is the node's; and all their descendants. Process groups and
 * sessions are not asked: a daemon leaves both, and their numbers are used again.
 *
 * @param table all processes of the machine
 */
export async function findNodeProcesses(
  owner: ProcessOwner,
  table: readonly KernelProcess[],
): Promise<KernelProcess[]> {
  // The reads below may wait for a busy process, so they are kept few: of all processes, just the younger ones.
  const young = table.filter(({ pid, startTicks }) => startTicks >= owner.sinceTicks && pid !== process.pid);
  const marks = await Promise.all(young.map((candidate) => isMarked(candidate, owner)));
  return withDescendants(
    young.filter((_, index) => marks[index]),
    young,
  );
}

async function isMarked({ pid }: KernelProcess, owner: ProcessOwner): Promise<boolean> {
  const [environment, ...places] = await Promise.all([
    unlessGone(readFile(`/proc/${pid}/environ`, 'latin1')),
    unlessGone(readlink(`/proc/${pid}/cwd`)),
    unlessGone(readlink(`/proc/${pid}/root`)),
  ]);
  const mark = `${NODE_VARIABLE}=${owner.node}\0`;
  if (environment?.startsWith(mark) || environment?.includes(`\0${mark}`)) return true;
  return places.some((place) => place === owner.folder || place?.startsWith(`${owner.folder}/`));
}

/** What can't be read has ended, or is another user's, whom we can't signal either. */
async function unlessGone(reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading;
  } catch {
    return undefined;
  }
}

function withDescendants(roots: KernelProcess[], all: KernelProcess[]): KernelProcess[] {
  const children = Map.groupBy(all, ({ parent }) => parent);
  const found = new Set(roots);
  // A set's iteration goes on to what is added meanwhile.
  for (const { pid } of found) {
    for (const child of children.get(pid) ?? []) found.add(child);
  }
  return [...found];
}
