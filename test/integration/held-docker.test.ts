import { dockerMissing, startEngine } from '#test/docker';
import type { HeldPlace } from '#test/held-lab';
import { heldNodeSuite } from '#test/held-node-suite';
import { optionalService } from '#test/optional';
import { sshClientMissing } from '#test/ssh-client';

optionalService('Docker Engine', dockerMissing() ?? sshClientMissing())(
  'a held container without a network',
  () => {
    heldNodeSuite(openPlace, { bigBytes: 1e8, short: '6s' });
  },
);

async function openPlace(): Promise<HeldPlace> {
  const engine = await startEngine();
  const image = await engine.image('debian');
  const template = { labels: 'held other', image, pull: 'never', network: 'none' };
  return {
    clouds: { docker: { kind: 'docker', host: engine.host, templates: { debian: template } } },
    async remains(node) {
      const filters = { label: [`footman.node=${node}`] };
      const containers = await engine.docker.listContainers({ all: true, filters });
      const { Volumes } = await engine.docker.listVolumes({ filters });
      return [...containers.map(({ Id }) => Id), ...Volumes.map(({ Name }) => Name)];
    },
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}
