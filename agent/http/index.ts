/** Where the controller is, and requests to it and to object storages. */
export { fullJitter } from './backoff.ts';
export { connectTo } from './connect.ts';
export { parseEndpoint, type Endpoint } from './endpoint.ts';
export type { Patience } from './patience.ts';
export { persist } from './persist.ts';
export { TransferError } from './transfer-error.ts';
export { createTransport, type Transport } from './transport.ts';
