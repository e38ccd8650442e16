import type { SubmitDefaults } from '#controller/builds';
import type { Change } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { versionsInStates, type ImageVersion } from '#controller/store';
import { capture, type CapturerDeps } from './capture.ts';
import { moveVersion } from './life-cycle.ts';
import { lockStreams } from './promotions.ts';
import { createRollBacks } from './roll-back.ts';
import { isWanted, subjectOf } from './subject.ts';
import { endVerification, verifierOf, verifyImported } from './verify.ts';

/** Turns the versions that stand in the rows into images: has nodes captured, the images verified and promoted, and bad ones rolled back. */
export interface VersionKeeper {
  /** One pass. Returns when the time of an import is up. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Resolves when no cloud is being asked to capture this node. */
  nodeSettled(nodeId: string): Promise<void>;
  /** Resolves when no call to a cloud is under way. */
  settled(): Promise<void>;
}

interface Deps extends CapturerDeps {
  fleet: Pick<Fleet, 'connection' | 'template'>;
  settings(): { captureMs: number; rollBackAfter: number };
  submitDefaults: SubmitDefaults;
  /** Aborted when the controller stops: its next life asks again. */
  signal: AbortSignal;
}

interface Attempt {
  nodeId: string;
  /** Aborted when nobody wants the image any more. */
  unwanted: AbortController;
  done: Promise<void>;
}

/** Each capture is on its own, so that one that hangs keeps no other waiting. */
export function createVersionKeeper(deps: Deps): VersionKeeper {
  const { store, journal, clock, logger, fleet, settings, submitDefaults, signal } = deps;
  const rollBacks = createRollBacks(deps);
  const attempts = new Map<string, Attempt>();
  let isAnyUnderWay = false;

  return {
    async run() {
      const versions = await versionsInStates(store.db, ['capturing', 'candidate', 'verifying']);
      // Before their jobs are read: what happens to one from here on is told.
      isAnyUnderWay = versions.length > 0;
      const due: number[] = [];
      const problems: unknown[] = [];
      for (const version of versions)
        await look(version).then(
          (at) => at !== null && due.push(at),
          (error: unknown) => problems.push(error),
        );
      await rollBacks.run(settings().rollBackAfter);
      // The others have had their turn.
      if (problems.length > 0) throw problems[0];
      return due.length === 0 ? null : Math.min(...due);
    },
    concerns: (changes) => changes.some(isOfVersions),
    async nodeSettled(nodeId) {
      await attempts.values().find((attempt) => attempt.nodeId === nodeId)?.done;
    },
    async settled() {
      await Promise.all([...[...attempts.values()].map(({ done }) => done), rollBacks.settled()]);
    },
  };

  function isOfVersions({ kind, data }: Change): boolean {
    if (kind === 'image') return true;
    if (kind === 'job')
      return isAnyUnderWay && (data.state === 'finished' || data['cancelRequested'] === true);
    if (kind === 'hold') return isAnyUnderWay && data.state !== 'held';
    return kind === 'node' && data.state === 'failed';
  }

  /** Takes one step for the version. Returns when its time is up, where nobody here looks at the time. */
  async function look(version: ImageVersion): Promise<number | null> {
    if (version.state === 'capturing')
      return version.node_id === null ? awaitImport(version) : awaitCapture(version, version.node_id);
    if (version.state === 'verifying') {
      const job = await verifierOf(store.db, version);
      if (job === undefined || job.state === 'finished')
        await journal.commit((tx) => endVerification(tx, version));
      return null;
    }
    const template = fleet.template(version.cloud, version.template);
    await journal.commit((tx) => verifyImported(tx, version, template, submitDefaults));
    return null;
  }

  async function awaitCapture(version: ImageVersion, nodeId: string): Promise<null> {
    const attempt = attempts.get(version.id) ?? start(version, nodeId);
    if (!isWanted(await subjectOf(store.db, version)))
      attempt?.unwanted.abort(new Error('nobody wants the image any more'));
    return null;
  }

  function start(version: ImageVersion, nodeId: string): Attempt | undefined {
    if (signal.aborted) return undefined;
    const attempt: Attempt = { nodeId, unwanted: new AbortController(), done: Promise.resolve() };
    attempts.set(version.id, attempt);
    attempt.done = follow(version, attempt);
    return attempt;
  }

  async function follow(version: ImageVersion, { unwanted }: Attempt): Promise<void> {
    try {
      await capture(deps, version, { stopping: signal, unwanted: unwanted.signal });
    } catch (error) {
      logger.error(
        { err: error, version: version.name },
        'the end of a capture could not be recorded; its cloud is asked again',
      );
    } finally {
      attempts.delete(version.id);
    }
  }

  /** Whoever imports it is here as long as the controller lives; what is left of one that died ends when its time is up. */
  async function awaitImport(version: ImageVersion): Promise<number | null> {
    const due = version.state_since + settings().captureMs;
    if (clock.now() < due) return due;
    await journal.commit(async (tx) => {
      await lockStreams(tx, version);
      await moveVersion(tx, version.id, ['capturing'], 'failed', { reason: 'its import was cut short' });
    });
    return null;
  }
}
