/** The client's side of a WebSocket. */
export { openWebSocket, type WebSocket } from './websocket.ts';
