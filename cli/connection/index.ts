/** Which controller a command talks to. */
export { ensureAgentFile } from './agent-file.ts';
export { configurationFor, configurationSource, type ConfigurationSource } from './configuration.ts';
export { connect, connectToRunning, type Connection } from './connect.ts';
export { withClient } from './with-client.ts';
