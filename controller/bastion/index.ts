/** The bastion: SSH onto held nodes, for whoever has a key of the hold, over the connections of the nodes' agents. */
export { createBastion, type Bastion } from './bastion.ts';
