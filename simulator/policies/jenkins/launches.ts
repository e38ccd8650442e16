import type { OpenCloud, Template } from '#controller/fleet';
import { plannedNode } from '#controller/provisioner';
import { toFootmanError } from '#shared/errors';
import { TIMEOUTS, type Site } from '#simulator/site';
import { addNode, failNode, moveNode } from '#simulator/world';

/** Launches that Jenkins has begun: its planned nodes, which become nodes of Jenkins at a look after their cloud has accepted them. */
export interface Launches {
  begin(cloud: OpenCloud, template: Template, label: string): void;
  /** Takes out those that have come to an end: the ids of the accepted. */
  takeEnded(): string[];
  /** Those for a label that have not been taken out. */
  planned(label: string): number;
  settled(nodeId: string): Promise<void>;
}

export function createLaunches({ world, clock }: Site): Launches {
  const underWay = new Map<string, Promise<void>>();
  const planned = new Map<string, number>();
  let ended: { id: string; label: string; isAccepted: boolean }[] = [];

  return {
    begin(cloud, template, label) {
      const id = world.newId();
      count(label, 1);
      const launched = launch(id, cloud, template).then((isAccepted) => {
        underWay.delete(id);
        ended.push({ id, label, isAccepted });
      });
      underWay.set(id, launched);
    },
    takeEnded() {
      const taken = ended;
      ended = [];
      for (const { label } of taken) count(label, -1);
      return taken.filter(({ isAccepted }) => isAccepted).map(({ id }) => id);
    },
    planned: (label) => planned.get(label) ?? 0,
    settled: (nodeId) => underWay.get(nodeId) ?? Promise.resolve(),
  };

  function count(label: string, difference: 1 | -1): void {
    planned.set(label, (planned.get(label) ?? 0) + difference);
  }

  /** Whether the cloud has accepted it. */
  async function launch(id: string, { cloud }: OpenCloud, template: Template): Promise<boolean> {
    world.commit(() => {
      addNode(world, plannedNode(id, { template, request: null }, clock.now()));
      moveNode(world, id, ['planned'], 'launching');
    });
    const overdue = new AbortController();
    const callOff = clock.after(TIMEOUTS.launchMs, () => overdue.abort());
    const bootstrap = () => ({ node: id, token: '', endpoint: '', root: '' });
    const asked = { node: { id, resource: null }, template: template.settings, host: null, bootstrap };
    try {
      const { resource } = await cloud.launch(asked, overdue.signal);
      const told = { resource, launched_at: clock.now() };
      world.commit(() => moveNode(world, id, ['launching'], 'connecting', told));
      return true;
    } catch (error) {
      const { code, message: reason } = toFootmanError(error);
      const failure = code === 'cloud-aborted' ? 'aborted' : 'launch';
      world.commit(() => failNode(world, id, { reason, failure }));
      return false;
    } finally {
      callOff();
    }
  }
}
