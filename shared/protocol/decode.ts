import { FootmanError } from '#shared/errors';
import type { z } from 'zod/mini';
import { AgentMessage } from './agent-message.ts';
import { ControllerMessage } from './controller-message.ts';
import { MAX_CONTROL_BYTES } from './limits.ts';

/** @throws FootmanError `protocol-violation` */
export function decodeAgentMessage(text: string | Buffer): AgentMessage {
  return decode(AgentMessage, text);
}

/** @throws FootmanError `protocol-violation` */
export function decodeControllerMessage(text: string | Buffer): ControllerMessage {
  return decode(ControllerMessage, text);
}

function decode<T>(schema: z.ZodMiniType<T>, text: string | Buffer): T {
  if (Buffer.byteLength(text) > MAX_CONTROL_BYTES) {
    throw new FootmanError(
      'protocol-violation',
      `a control message may have at most ${MAX_CONTROL_BYTES} bytes`,
    );
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FootmanError(
    'protocol-violation',
    `bad message at ${issue?.path.join('.') || 'its top'}: ${issue?.message}`,
  );
}

function parseJson(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch (cause) {
    throw new FootmanError('protocol-violation', 'a control message is not JSON', { cause });
  }
}
