import type { Clock } from '#controller/clock';
import type { Logger } from '#controller/logger';

/** Work on each project, side by side: a provider that hangs keeps nobody waiting but its own project. */
export interface Lanes {
  /** Begins, or goes on with, the work of a project; nothing happens while it is under way. */
  start(project: string): void;
  /** Resolves when no work is under way. */
  settled(): Promise<void>;
}

interface Deps {
  clock: Clock;
  logger: Logger;
  /** Works off what the project has. Returns when there is more (milliseconds since the epoch), or null. */
  work(project: string): Promise<number | null>;
  signal: AbortSignal;
}

export function createLanes({ clock, logger, work, signal }: Deps): Lanes {
  const underWay = new Map<string, Promise<void>>();
  /** Projects that got something while their work was about to end. */
  const again = new Set<string>();
  const waiting = new Map<string, () => void>();

  return {
    start,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };

  function start(project: string): void {
    if (signal.aborted) return;
    if (underWay.has(project)) {
      again.add(project);
      return;
    }
    waiting.get(project)?.();
    waiting.delete(project);
    underWay.set(project, run(project));
  }

  async function run(project: string): Promise<void> {
    let due: number | null = null;
    try {
      due = await work(project);
    } catch (error) {
      logger.error({ err: error, project }, 'commit statuses could not be recorded; they are tried again');
    } finally {
      underWay.delete(project);
    }
    if (again.delete(project)) return start(project);
    if (due === null || signal.aborted) return;
    waiting.set(
      project,
      clock.after(Math.max(0, due - clock.now()), () => start(project)),
    );
  }
}
