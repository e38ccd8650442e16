import { plannedNode, type OpenCloud, type Template } from '#controller/provisioner';
import { toFootmanError } from '#shared/errors';
import { TIMEOUTS, type Site } from '#simulator/site';
import { addNode, failNode, moveNode } from '#simulator/world';

/** Launches that Jenkins has begun: its planned nodes, which become nodes of Jenkins at a look after their cloud has accepted them. */
export interface Launches {
  begin(cloud: OpenCloud, template: Template, label: string): void;
  /** Takes out those that have come to an end: the ids of the accepted. */
  takeEnded(): string[];
  /** Those under way for a label. */
  planned(label: string): number;
  settled(nodeId: string): Promise<void>;
}

interface PlannedNode {
  label: string;
  done: Promise<void>;
  state: 'under way' | 'accepted' | 'failed';
}

export function createLaunches({ world, clock }: Site): Launches {
  const all = new Map<string, PlannedNode>();

  return {
    begin(cloud, template, label) {
      const id = world.newId();
      const node: PlannedNode = { label, done: Promise.resolve(), state: 'under way' };
      all.set(id, node);
      node.done = launch(id, cloud, template).then((isAccepted) => {
        node.state = isAccepted ? 'accepted' : 'failed';
      });
    },
    takeEnded() {
      const ended = [...all].filter(([, { state }]) => state !== 'under way');
      for (const [id] of ended) all.delete(id);
      return ended.filter(([, { state }]) => state === 'accepted').map(([id]) => id);
    },
    planned: (label) => all.values().filter((node) => node.label === label).reduce((count) => count + 1, 0),
    settled: (nodeId) => all.get(nodeId)?.done ?? Promise.resolve(),
  };

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
