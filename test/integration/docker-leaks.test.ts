import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';
import { stepNamed } from '#test/pipelines';

interface Report {
  problems: string[];
  clouds: { resources: { kind: string; id: string; node: string; verdict: string; reason: string }[] }[];
}

optionalService('Docker Engine', dockerMissing())('what leaked on a Docker Engine', () => {
  let engine: TestEngine;
  let controller: EmbeddedController;
  let image: string;

  beforeAll(async () => {
    engine = await startEngine();
    image = await engine.image('busybox');
    controller = await startEmbeddedController(`
sweep: { interval: 500ms, grace: 5s }
teardown: { min-free-disk: 0, min-free-memory: 0 }
clouds:
  docker:
    kind: docker
    host: ${engine.host}
    templates:
      busybox: { labels: busybox, image: '${image}', pull: never, network: none }
`);
  });

  afterAll(async () => {
    await controller.dispose();
    await engine.stop();
  });

  test('L5: containers, volumes and networks without a node go; those of jobs and of others stay', async () => {
    const { id } = await controller.api.submit(
      'jobs: { a: { runs-on: busybox, steps: [{ name: long, run: "echo begun; sleep 600" }] } }',
    );
    await controller.api.logged(stepNamed(await controller.api.build(id), 'long').id, 'begun\n');
    const [ours] = await engine.docker.listContainers();
    const owner = ours?.Labels['footman.controller'] ?? '';

    const foreign = [
      ...(await makeAll('foreign', { 'footman.controller': 'another', 'footman.node': 'other00000000000' })),
      ...(await makeAll('untagged', {})),
    ];
    const leaked = await makeAll('leaked', {
      'footman.controller': owner,
      'footman.node': 'leaked0000000000',
    });
    const seen = await controller.api.get<Report>('/doctor');
    expect(seen.problems).toEqual([]);
    const resources = seen.clouds.flatMap((cloud) => cloud.resources);
    expect(
      resources
        .filter(({ node }) => node === 'leaked0000000000')
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(['container', 'network', 'volume']);
    expect(resources.filter(({ id: name }) => foreign.includes(name))).toEqual([]);
    expect(resources.find(({ id: name }) => name === ours?.Id)).toMatchObject({
      verdict: 'kept',
      reason: 'its node serves job 1/a',
    });

    const gone = new Set<unknown>();
    await controller.api.event(
      ({ kind, data }) =>
        kind === 'leak' && data.state === 'removed' && gone.add(data['resource']).size === 3,
    );
    expect(gone).toEqual(new Set(leaked));
    const left = await everything();
    expect(left.filter((name) => leaked.includes(name))).toEqual([]);
    expect(left).toEqual(expect.arrayContaining([...foreign, ours?.Id]));
    await controller.api.post(`/builds/${id}/cancel`, { force: true });
    await controller.api.drained();
  });

  /** A stopped container, a volume and a network; returns their ids. */
  async function makeAll(name: string, Labels: Record<string, string>): Promise<string[]> {
    const container = await engine.docker.createContainer({ name, Image: image, Cmd: ['true'], Labels });
    await engine.docker.createVolume({ Name: name, Labels });
    const network = await engine.docker.createNetwork({ Name: name, Internal: true, Labels });
    return [container.id, name, network.id];
  }

  async function everything(): Promise<string[]> {
    const containers = await engine.docker.listContainers({ all: true });
    const { Volumes } = await engine.docker.listVolumes();
    const networks = await engine.docker.listNetworks();
    return [...containers, ...networks].map(({ Id }) => Id).concat(Volumes.map(({ Name }) => Name));
  }
});
