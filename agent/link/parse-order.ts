import type { ControllerMessage } from '#shared/protocol';

/**
 * Reads a controller's message. It is believed: an agent runs whatever its controller says, and a controller of another version has
 * refused it before. The schemas would take a fifth of the agent's start and keep nobody out.
 *
 * @throws Error if it is no message at all
 */
export function parseOrder(text: Buffer): ControllerMessage {
  const message: unknown = JSON.parse(text.toString());
  if (typeof message === 'object' && message !== null && 'type' in message)
    return message as ControllerMessage;
  throw new Error('a message of the controller has no type');
}
