import { clockSleep } from '#controller/clock';
import type { Journal, Tx } from '#controller/events';
import { endHold, recordHold } from '#controller/holds';
import { limited } from '#controller/nodes';
import { holdOfVersion, lockHold, patchNode, type Hold, type ImageVersion } from '#controller/store';
import { adviceOf, FootmanError, toFootmanError } from '#shared/errors';
import type { Outcome } from './capture-ending.ts';
import { captureNode, type CaptureDeps } from './capture-node.ts';
import { moveVersion } from './life-cycle.ts';
import { lockStreams } from './promotions.ts';
import type { SubjectOf } from './subject.ts';

export interface HeldCaptureDeps extends CaptureDeps {
  journal: Journal;
  settings(): { captureMs: number };
  heldNodes: {
    /** Takes keys from the node's accounts, and puts the workspace where a capture finds it; `node-unreachable` where its agent is not here. */
    pack(nodeId: string, signal: AbortSignal): Promise<void>;
  };
}

const FIND_MS = 10_000;
/** So long an agent has to come back, such as after its controller was started anew, and to copy a workspace. */
const REACH_MS = 30_000;
const REACH_AGAIN_MS = 2000;
const PACK_MS = 10 * 60_000;

const KEEPER = 'image-keeper';

/**
 * Captures the machine of a hold, which then ends: nothing of the compute is left. Where that fails, the hold goes on. It begins anew with a
 * controller that was started anew: packing and capturing do no harm twice.
 */
export async function captureHeld(
  deps: HeldCaptureDeps,
  version: ImageVersion,
  { node }: SubjectOf<'hold'>,
  { stopping, unwanted }: { stopping: AbortSignal; unwanted: AbortSignal },
): Promise<void> {
  const signal = AbortSignal.any([stopping, unwanted]);
  const { id, resource } = node;
  let lack: string | null = null;
  let outcome: Outcome;
  try {
    // A machine that stands still since its capture has no agent that comes back; it was packed before.
    if (!(await isCaptured(deps, version, signal))) lack = await pack(deps, id, signal);
    outcome = await captureNode(deps, { id, resource }, version, deps.settings().captureMs, signal);
  } catch (error) {
    outcome = toFootmanError(error);
  }
  if (stopping.aborted) return;
  await deps.journal.commit((tx) => endHeldCapture(tx, version, outcome, lack));
}

/** By a controller that died before it wrote that down. False where the cloud does not answer. */
async function isCaptured(
  { clock, fleet }: HeldCaptureDeps,
  { name, cloud }: ImageVersion,
  signal: AbortSignal,
): Promise<boolean> {
  const images = fleet.connection(cloud)?.images;
  if (images === undefined) return false;
  try {
    return (await limited(clock, FIND_MS, signal, (bounded) => images.find(name, bounded))) !== null;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Returns what the capture will lack, where the agent is away or can't: the machine is worth keeping all the same. */
async function pack(
  { clock, heldNodes }: HeldCaptureDeps,
  nodeId: string,
  signal: AbortSignal,
): Promise<string | null> {
  const until = clock.now() + REACH_MS;
  for (;;) {
    try {
      await limited(clock, PACK_MS, signal, (bounded) => heldNodes.pack(nodeId, bounded));
      return null;
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toFootmanError(thrown);
      if (error.code !== 'node-unreachable' || clock.now() >= until)
        return `the workspace may be missing: ${adviceOf(error)}`;
    }
    await clockSleep(clock, REACH_AGAIN_MS, signal);
  }
}

async function endHeldCapture(
  tx: Tx,
  version: ImageVersion,
  outcome: Outcome,
  lack: string | null,
): Promise<void> {
  await lockStreams(tx, version);
  const known = await holdOfVersion(tx.db, version.id);
  const hold = known && (await lockHold(tx.db, known.id));
  if (outcome instanceof FootmanError || hold?.state !== 'held') {
    await fail(tx, version, hold, outcome);
    return;
  }
  const { image, bytes, digest } = outcome;
  const set = { image, bytes, digest, captured_at: tx.at };
  if ((await moveVersion(tx, version.id, ['capturing'], 'candidate', set)) === undefined) return;
  // Nobody but whoever starts it again wants to know whether it comes up.
  await moveVersion(tx, version.id, ['candidate'], 'ready', { ready_at: tx.at, reason: lack });
  const ended = `was released: captured as ${version.name}${lack === null ? '' : `; ${lack}`}`;
  await endHold(tx, hold.id, { state: 'released', outcome: ended, actor: KEEPER });
}

/** Where the hold goes on, what was packed is to be put back. */
async function fail(tx: Tx, version: ImageVersion, hold: Hold | undefined, outcome: Outcome): Promise<void> {
  const reason = hold?.state === 'held' ? reasonOf(outcome) : `its hold ${hold?.outcome ?? 'is unknown'}`;
  const failed = await moveVersion(tx, version.id, ['capturing'], 'failed', { reason });
  if (failed === undefined || hold?.state !== 'held') return;
  await patchNode(tx.db, hold.node_id, ['held'], { capture_id: null });
  await recordHold(tx, hold, { keys: true, snapshot: 'failed' });
}

function reasonOf(outcome: Outcome): string {
  if (!(outcome instanceof FootmanError)) return 'nobody wants it any more';
  return `its node could not be captured: ${adviceOf(outcome)}`;
}
