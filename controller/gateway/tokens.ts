import jwt from 'jsonwebtoken';
import type { Keys } from '#controller/keys';
import { FootmanError } from '#shared/errors';
import { z } from 'zod';

/**
 * Agents' tokens: JWTs bound to one node. The bootstrap token is good until the node is ready, or its time is up; the session token that
 * replaces it is good for as long as the node serves, which the gateway reads from the node's row.
 */
export interface AgentTokens {
  bootstrap(nodeId: string): string;
  session(nodeId: string): string;
  /** @throws FootmanError `agent-refused` */
  verify(token: string): AgentClaims;
}

export interface AgentClaims {
  nodeId: string;
  use: 'bootstrap' | 'session';
}

const Claims = z.object({ sub: z.string(), use: z.enum(['bootstrap', 'session']) });
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
    session: (nodeId) => jwt.sign({ use: 'session' }, key, { ...common, subject: nodeId }),
    verify(token) {
      try {
        const payload = jwt.verify(token, key, {
          algorithms: [ALGORITHM],
          audience: AUDIENCE,
          issuer: controllerId,
        });
        const { sub, use } = Claims.parse(payload);
        return { nodeId: sub, use };
      } catch (cause) {
        throw new FootmanError('agent-refused', 'the token is not one of ours, or its time is up', { cause });
      }
    },
  };
}
