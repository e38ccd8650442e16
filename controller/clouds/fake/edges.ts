import type { FakeEntry } from './journal.ts';
import { meetRules, type Meeting } from './meet-rules.ts';
import type { FakeCall, FakeRule } from './script.ts';
import type { FakeWorld } from './world.ts';

/** Whom a call is about: a node, a static host, a captured image, or none for a listing. */
export interface Subject {
  node: string | null;
  host?: string | undefined;
  image?: string | undefined;
  variant?: string | undefined;
}

/** The two ends of every call: both are written to the journal, and at both the script may interfere. */
export interface Edges {
  before(call: FakeCall, subject: Subject, signal: AbortSignal): Promise<void>;
  after(call: FakeCall, subject: Subject, signal: AbortSignal): Promise<void>;
  note(event: FakeEntry['event'], call: FakeCall, subject: Subject, fault?: Fault): Promise<void>;
}

type Fault = Pick<FakeEntry, 'edge' | 'action'>;

interface Dependencies {
  world: FakeWorld;
  controller: string;
  /** Takes the node's resource and agent away. */
  vanish: (node: string) => Promise<void>;
}

export function createEdges({ world, controller, vanish }: Dependencies): Edges {
  return {
    async before(call, subject, signal) {
      await note('called', call, subject);
      await meet(call, 'before', subject, signal);
    },
    async after(call, subject, signal) {
      await meet(call, 'after', subject, signal);
      await note('returned', call, subject);
    },
    note,
  };

  async function meet(
    call: FakeCall,
    edge: Meeting['edge'],
    subject: Subject,
    signal: AbortSignal,
  ): Promise<void> {
    const { node, host, image, variant } = subject;
    const meeting: Meeting = { call, edge, node, host, image, variant };
    const onFault = (rule: FakeRule) => note('fault', call, subject, { edge, action: rule.do });
    try {
      await meetRules(meeting, { world, vanish, onFault }, signal);
    } catch (error) {
      await note('threw', call, subject);
      throw error;
    }
  }

  function note(
    event: FakeEntry['event'],
    call: FakeCall,
    { node, host, image }: Subject,
    fault: Fault = {},
  ): Promise<void> {
    const where = { ...(host !== undefined && { host }), ...(image !== undefined && { image }) };
    const by = { controller, pid: process.pid, time: Date.now() };
    return world.note({ event, call, node, ...where, ...by, ...fault });
  }
}
