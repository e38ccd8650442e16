/** The demand for nodes: a request for each role of a job that waits, and for each node that a pool lacks. */
export { askForNode, askForSpare, closeRequests, failRequest, moveRequest } from './life-cycle.ts';
