import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgentTokens, type AgentTokens } from '#controller/gateway';
import { loadKeys } from '#controller/keys';
import { getMeta, openStore } from '#controller/store';
import type { StepStart } from '#shared/protocol';
import type { BuildView } from './api-client.ts';
import { startEmbeddedController, type EmbeddedController } from './embedded-controller.ts';
import { dialHostile, type HostileAgent } from './hostile-agent.ts';

/** A controller, and agents that say whatever a test wants, with good tokens for its nodes. */
export interface HostileFixture extends AsyncDisposable {
  controller: EmbeddedController;
  /** Signs as the controller does. */
  tokens: AgentTokens;
  dial(): Promise<HostileAgent>;
  /** An agent of the cloud's next node, which was welcomed. */
  greet(cloud: string): Promise<Greeted>;
  /** All that have dialled since the last `leave`. */
  agents(): readonly HostileAgent[];
  /** All agents close their connections. */
  leave(): void;
  /** A build of one job that succeeds, of the process cloud `honest`, when it has finished. */
  honestBuild(): Promise<BuildView>;
}

export interface Greeted {
  agent: HostileAgent;
  node: string;
  session: string;
}

const HONEST = 'jobs: { a: { runs-on: honest, steps: [{ run: echo fine }] } }';

/** A test plays the agents of `cloud`, which has one template; `rest` are further top-level keys of footman.yaml. */
export async function startHostileFixture(
  cloud: string,
  template: string,
  rest = '',
): Promise<HostileFixture> {
  const world = await mkdtemp(join(tmpdir(), 'footman-world-'));
  const controller = await startEmbeddedController(`
${rest}
clouds:
  honest: { kind: process, templates: { host: { labels: honest } } }
  ${cloud}: { kind: fake, world: ${world}, agents: false, templates: { host: ${template} } }
`);
  const tokens = await tokensOf(controller.data);
  const used = new Set<string>();
  let agents: HostileAgent[] = [];
  return {
    controller,
    tokens,
    dial,
    greet,
    agents: () => agents,
    leave() {
      for (const agent of agents) agent.leave();
      agents = [];
    },
    async honestBuild() {
      const { id } = await controller.api.submit(HONEST);
      return controller.api.finished(id);
    },
    async [Symbol.asyncDispose]() {
      await controller.dispose();
      await rm(world, { recursive: true, force: true });
    },
  };

  async function dial(): Promise<HostileAgent> {
    const agent = await dialHostile(controller.url);
    agents.push(agent);
    return agent;
  }

  async function greet(cloud: string): Promise<Greeted> {
    const { data } = await controller.api.event(
      ({ kind, data: { id, state, cloud: of } }) =>
        kind === 'node' && state === 'connecting' && of === cloud && !used.has(id),
    );
    used.add(data.id);
    const agent = await dial();
    agent.hello(tokens.bootstrap(data.id));
    const { session } = await agent.next('welcome');
    return { agent, node: data.id, session };
  }
}

async function tokensOf(data: string): Promise<AgentTokens> {
  const store = await openStore({ kind: 'sqlite', file: join(data, 'footman.db') });
  const controllerId = (await getMeta(store.db, 'controller-id')) ?? '';
  await store.close();
  const keys = await loadKeys(join(data, 'signing.key'));
  return createAgentTokens({ keys, controllerId, bootstrapMs: 60_000 });
}

export function finish(agent: HostileAgent, step: StepStart, exit = 0, logBytes = 0): void {
  agent.say(finished(step, exit, logBytes));
}

export function finished(step: StepStart, exit: number, logBytes: number): object {
  const end = { reason: 'exited', exit, signal: null };
  return { type: 'step.finished', step: step.step, at: 1, end, outputs: {}, logBytes };
}
