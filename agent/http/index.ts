/** Where the controller is, and requests to it and to object storages. */
export { fullJitter } from './backoff.ts';
export { connectTo } from './connect.ts';
export { parseEndpoint, type Endpoint } from './endpoint.ts';
export { requestWithRetries, type Transfer } from './retry.ts';
