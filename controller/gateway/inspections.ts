import type { Clock } from '#controller/clock';
import type { Cloud, Condition } from '#controller/clouds';
import type { Logger } from '#controller/logger';
import { limited } from '#controller/nodes';
import type { Node, NodeFailure } from '#controller/store';
import { UNEXPECTED_REBOOT } from './judge-boot.ts';

/** Why a node that is silent will not come back. */
export interface Loss {
  /** One sentence. */
  reason: string;
  failure: Extract<NodeFailure, 'lost' | 'vanished'>;
}

/** Asks clouds how the machines of silent nodes are. What it knows is this life's only: after a start it asks anew. */
export interface Inspections {
  /** Asks about those of these nodes whose time has come, and waits for no answer. Returns when to look again. */
  look(silent: readonly Node[]): number | null;
  /** Resolves when no cloud is being asked. */
  settled(): Promise<void>;
}

interface Deps {
  clock: Clock;
  logger: Logger;
  cloudOf(name: string): Pick<Cloud, 'inspect'> | undefined;
  /** Called when a node is lost for certain, as far as its cloud knows. */
  lost(node: Node, loss: Loss): Promise<void>;
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}

/** An agent whose connection broke is back sooner. */
const FIRST_MS = 5_000;
const AGAIN_MS = 30_000;
/** A cloud may have lost sight of a node for a moment: what it does not know, it is asked for once more (L5). */
const CONFIRM_MS = 10_000;
const GONE_ANSWERS = 2;
const LIMIT_MS = 10_000;
/** One that is slow, or has lost the network with all of its nodes, is not swamped with questions. */
const MOST_AT_ONCE = 8;
const CROWDED_MS = 1_000;

/** One node's silence. */
interface Silence {
  cloud: string;
  since: number;
  /** When its cloud is asked (again). */
  dueAt: number;
  /** When it was asked last; 0 before. */
  askedAt: number;
  isAsked: boolean;
  /** Answers in a row that there is no such node. */
  gone: number;
}

export function createInspections({ clock, logger, cloudOf, lost, signal }: Deps): Inspections {
  let silences = new Map<string, Silence>();
  const calls = new Set<Promise<void>>();

  return {
    look(silent) {
      silences = new Map(silent.map((node) => [node.id, silenceOf(node)]));
      let due: number | null = null;
      for (const node of silent.toSorted(longestUnaskedFirst)) {
        const inspect = cloudOf(node.cloud)?.inspect;
        const silence = silences.get(node.id);
        if (inspect === undefined || silence === undefined) continue;
        if (silence.dueAt <= clock.now()) begin(node, silence);
        due = Math.min(due ?? silence.dueAt, silence.dueAt);
      }
      return due;
    },
    async settled() {
      await Promise.all(calls);
    },
  };

  /** Else those without an answer, being asked again and again, would take the places of all others. */
  function longestUnaskedFirst(a: Node, b: Node): number {
    return (silences.get(a.id)?.askedAt ?? 0) - (silences.get(b.id)?.askedAt ?? 0);
  }

  function silenceOf({ id, cloud, disconnected_at: since }: Node): Silence {
    const known = silences.get(id);
    if (known !== undefined && known.since === since) return known;
    const began = since ?? clock.now();
    return { cloud, since: began, dueAt: began + FIRST_MS, askedAt: 0, isAsked: false, gone: 0 };
  }

  function begin(node: Node, silence: Silence): void {
    if (signal.aborted) return;
    const under = [...silences.values()].filter(({ cloud, isAsked }) => isAsked && cloud === node.cloud);
    if (silence.isAsked || under.length >= MOST_AT_ONCE) {
      silence.dueAt = clock.now() + CROWDED_MS;
      return;
    }
    silence.isAsked = true;
    silence.askedAt = clock.now();
    silence.dueAt = clock.now() + CONFIRM_MS;
    const call = ask(node, silence)
      .catch((error: unknown) => {
        if (!signal.aborted) logger.debug({ err: error, node: node.id }, 'nobody knows how a silent node is');
      })
      .finally(() => {
        silence.isAsked = false;
        calls.delete(call);
      });
    calls.add(call);
  }

  async function ask(node: Node, silence: Silence): Promise<void> {
    const asked = clock.now();
    const cloud = cloudOf(node.cloud);
    if (cloud?.inspect === undefined) return;
    const { id, resource } = node;
    const inspect = cloud.inspect.bind(cloud);
    const condition = await limited(clock, LIMIT_MS, signal, (bounded) => inspect({ id, resource }, bounded));
    silence.gone = condition.state === 'gone' ? silence.gone + 1 : 0;
    if (condition.state === 'gone' && silence.gone < GONE_ANSWERS) return;
    silence.dueAt = asked + AGAIN_MS;
    const loss = lossOf(condition, node);
    if (loss !== null) await lost(node, loss);
  }
}

/** What the answer means; null where it says nothing about the agent. */
function lossOf(condition: Condition, { boot }: Node): Loss | null {
  if (condition.state === 'gone')
    return { reason: 'its resource has vanished from the cloud', failure: 'vanished' };
  const { boot: now = null } = condition;
  // That says more than that its agent does not run, which comes of it.
  if (now !== null && boot !== null && now !== boot) return { reason: UNEXPECTED_REBOOT, failure: 'lost' };
  return condition.state === 'stopped'
    ? { reason: `its machine ${condition.reason}`, failure: 'lost' }
    : null;
}
