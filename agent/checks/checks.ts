import type { CheckStart } from '#shared/protocol';
import type { Link } from '../link/index.ts';
import type { Steps } from '../steps/index.ts';
import { checkNode, type Findings, type NodeToCheck } from './check-node.ts';

/** The check that the controller waits for: one at a time, since it waits for no other. */
export interface Checks {
  /** Begins, or goes on with what began over an earlier connection; another check ends the one before. */
  start(order: CheckStart): void;
}

interface Deps extends NodeToCheck {
  link: Pick<Link, 'send'>;
  steps: Pick<Steps, 'rest' | 'prepare'>;
}

interface Check {
  id: string;
  stopping: AbortController;
  findings: Promise<Findings>;
}

export function createChecks({ link, steps, ...node }: Deps): Checks {
  let current: Check | undefined;

  return {
    start(order) {
      if (current?.id !== order.check) current = begin(order, current);
      void tell(current);
    },
  };

  function begin(order: CheckStart, before: Check | undefined): Check {
    const stopping = new AbortController();
    before?.stopping.abort();
    return { id: order.check, stopping, findings: look(order, before, stopping.signal) };
  }

  /** What a check started is killed at its end. Nothing of a later one may be there by then, nor of what steps prepare. */
  async function look(order: CheckStart, before: Check | undefined, stop: AbortSignal): Promise<Findings> {
    await before?.findings;
    await steps.rest();
    const findings = await checkNode(order, node, stop);
    steps.prepare();
    return findings;
  }

  async function tell({ id, findings, stopping: { signal } }: Check): Promise<void> {
    const found = await findings;
    // The time is that of this very message: the controller compares clocks by it.
    if (!signal.aborted) link.send({ type: 'check.finished', check: id, at: Date.now(), ...found });
  }
}
