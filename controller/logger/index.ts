import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** The controller's own log: one JSON object a line. Messages are static; what varies stands in the object beside them. */
export function createLogger(
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent',
  stream?: DestinationStream,
): Logger {
  const options = { level, base: null, redact: ['token', '*.token', 'authorization', '*.authorization'] };
  return stream === undefined ? pino(options) : pino(options, stream);
}
