import { FootmanError } from '#shared/errors';

/** @throws FootmanError `internal` for what can't be a node's id: such an id becomes part of paths and names. */
export function checkNodeId(id: string): void {
  if (!isNodeId(id)) throw new FootmanError('internal', `${JSON.stringify(id)} is not the id of a node`);
}

export function isNodeId(id: string): boolean {
  return /^[a-z0-9-]{1,64}$/.test(id);
}
