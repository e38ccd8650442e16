/** Which controller a command talks to. */
export { ensureAgentFile } from './agent-file.ts';
export { configurationSource } from './configuration.ts';
export { connect, connectToRunning, type Connection } from './connect.ts';
export { withClient } from './with-client.ts';
