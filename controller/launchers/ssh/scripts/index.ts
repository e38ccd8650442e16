/** What is done on machines, as scripts for any POSIX shell, BusyBox's too. */
export { END_NODE, END_NODE_PROCESSES } from './end-node.ts';
export { INSPECT, READ_BOOT } from './inspect.ts';
export { PREPARE_NODE, RENEW_NODE } from './launch-node.ts';
export { LIST_NODES, READ_CONSOLE, STOP_AGENT, REOPEN_TUNNEL } from './node.ts';
export { PREPARE_UPLOAD, REMOVE_UPLOAD, UNPACK } from './runtime.ts';
export { NOT_ALLOWED, REBOOT } from './reboot.ts';
