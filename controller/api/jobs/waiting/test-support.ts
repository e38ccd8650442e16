import type { Candidate, NodeOnItsWay, Outlook } from './outlook.ts';

export const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export function outlookWith(outlook: Partial<Outlook>): Outlook {
  return { runsOn: 'linux', candidates: [], nodes: [], ahead: 0, ...outlook };
}

export function candidate(state: Partial<Candidate>): Candidate {
  return {
    cloud: 'rax',
    template: 'small',
    pin: null,
    version: null,
    image: null,
    verdict: 'declined',
    code: null,
    reason: null,
    until: null,
    usualMs: null,
    tailMs: null,
    failing: null,
    holdings: [],
    ...state,
  };
}

export function node(state: Partial<NodeOnItsWay>): NodeOnItsWay {
  return {
    id: 'n1',
    cloud: 'rax',
    template: 'small',
    state: 'launching',
    createdAt: NOW,
    usualMs: null,
    tailMs: null,
    ...state,
  };
}
