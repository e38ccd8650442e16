/** The demand for nodes: one request for each role of a job that waits. */
export { askForNode, closeRequests, failRequest, moveRequest } from './life-cycle.ts';
