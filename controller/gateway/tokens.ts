import jwt from 'jsonwebtoken';
import type { Keys } from '#controller/keys';
import { FootmanError } from '#shared/errors';
import { z } from 'zod';

/**
 * Agents' tokens: JWTs bound to one node. The bootstrap token is good until the node is ready, or its time is up; the session token that
 * replaces it is good for as long as the node serves in that boot, which the gateway reads from the node's row. The bootstrap token for a
 * reboot is good for an agent of another boot than the one that is to end.
 */
export interface AgentTokens {
  bootstrap(nodeId: string): string;
  /** `boot` is the one that is to end; the token is good for so many milliseconds. */
  reboot(nodeId: string, boot: string, goodMs: number): string;
  /** `boot` is the one that the agent serves in; null where it does not tell. */
  session(nodeId: string, boot: string | null): string;
  /** @throws FootmanError `agent-refused` */
  verify(token: string): AgentClaims;
}

export interface AgentClaims {
  nodeId: string;
  use: 'bootstrap' | 'reboot' | 'session';
  /** Of a `reboot`, the boot that is to end; of a `session`, the one that it is of, where that is known. */
  boot: string | null;
}

const Claims = z.object({
  sub: z.string(),
  use: z.enum(['bootstrap', 'reboot', 'session']),
  boot: z.string().nullable().default(null),
});
const ALGORITHM = 'HS256';
const AUDIENCE = 'agent';

interface Options {
  keys: Keys;
  controllerId: string;
  bootstrapMs: number;
}

export function createAgentTokens({ keys, controllerId, bootstrapMs }: Options): AgentTokens {
  const key = keys.derive('agent');
  const common = { algorithm: ALGORITHM, audience: AUDIENCE, issuer: controllerId } as const;

  return {
    bootstrap: (nodeId) =>
      jwt.sign({ use: 'bootstrap' }, key, {
        ...common,
        subject: nodeId,
        expiresIn: Math.ceil(bootstrapMs / 1000),
      }),
    reboot: (nodeId, boot, goodMs) =>
      jwt.sign({ use: 'reboot', boot }, key, {
        ...common,
        subject: nodeId,
        expiresIn: Math.ceil(goodMs / 1000),
      }),
    session: (nodeId, boot) => jwt.sign({ use: 'session', boot }, key, { ...common, subject: nodeId }),
    verify(token) {
      try {
        const payload = jwt.verify(token, key, {
          algorithms: [ALGORITHM],
          audience: AUDIENCE,
          issuer: controllerId,
        });
        const { sub, use, boot } = Claims.parse(payload);
        return { nodeId: sub, use, boot };
      } catch (cause) {
        throw new FootmanError('agent-refused', 'the token is not one of ours, or its time is up', { cause });
      }
    },
  };
}
