import { dockerMissing, startEngine } from '#test/docker';
import { expect, test } from 'vitest';
import type { HeldLab, HeldPlace } from '#test/held-lab';
import { heldNodeSuite } from '#test/held-node-suite';
import { optionalService } from '#test/optional';
import { sshClientMissing } from '#test/ssh-client';

optionalService('Docker Engine', dockerMissing() ?? sshClientMissing())(
  'a held container without a network',
  () => {
    heldNodeSuite(openPlace, { bigBytes: 1e8, short: '6s' }, captured);
  },
);

function captured(lab: () => HeldLab): void {
  test('its machine may be kept as an image instead, and started again in the world that it had', async () => {
    const { holdOther, person, key, secrets, api, view, controller, gone } = lab();
    const first = await holdOther('10m');
    await person.ssh({ user: first.id, key }, ['echo "6 * 8" > answer; touch /etc/changed']);
    await api('POST', `/holds/${first.id}/snapshot`, {});
    await gone(first.node);
    const { state, snapshot } = await view(first.id);
    expect({ state, snapshot }).toMatchObject({ state: 'released', snapshot: { state: 'ready' } });

    const wish = { for: '10m', keys: [key.publicKey] };
    const build = (await api('POST', `/holds/${first.id}/resume`, wish)) as { id: string };
    const { data, nodeId } = await controller.api.event(
      ({ kind, buildId, data: { expiresAt } }) =>
        kind === 'hold' && buildId === build.id && typeof expiresAt === 'number',
    );
    const { stdout, exit } = await person.ssh({ user: data.id, key }, [
      'cat answer; ls /etc/changed; echo "$COLOUR $PASSED [$WITHHELD]"; footman-rerun',
    ]);
    const world = `6 * 8\n/etc/changed\nred ${secrets.passed} []\n`;
    expect({ exit, said: stdout.toString() }).toEqual({ exit: 1, said: `${world}got 48, expected 41\n` });
    // Nobody gets onto the new node as onto the old one.
    expect((await person.ssh({ user: first.id, key }, ['true'])).stderr).toContain('Permission denied');

    await api('DELETE', `/holds/${data.id}`);
    await gone(nodeId ?? '');
    const { snapshot: kept } = await view(first.id);
    await api('DELETE', `/images/versions/${kept?.version}`);
    await controller.api.event(({ kind, data: news }) => kind === 'image' && news.state === 'deleted');
  });
}

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
