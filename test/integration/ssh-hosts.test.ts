import { afterAll, beforeAll, expect, test } from 'vitest';
import { fingerprint } from '#controller/launchers/ssh';
import { createApiClient, type ApiClient, type EventView } from '#test/api-client';
import { createPlace, type Place } from '#test/footman';
import { optionalService } from '#test/optional';
import { LAB_HOSTS, labSettings, placeRuntime } from '#test/ssh-hosts';
import { openSshLab, sshLabMissing, type SshLab } from '#test/ssh-lab';

/** A whole controller with hosts: what those hear who send jobs, and who keep the machines. */

optionalService('SSH host', sshLabMissing())('jobs on SSH hosts', () => {
  let lab: SshLab;
  let place: Place;
  let api: ApiClient;

  beforeAll(async () => {
    lab = await openSshLab();
    await placeRuntime(lab);
    place = await createPlace();
    await place.write('footman.yaml', await configuration());
    const controller = place.start('serve', '--listen', '127.0.0.1:0');
    await controller.said('listening on ');
    const [url = ''] = /http:\/\/[\w.:]+/.exec(controller.output()) ?? [];
    api = createApiClient(url, place.data);
  });

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
    await lab.close();
  });

  test('each finds its host as the reset leaves it (L12)', async () => {
    const { id } = await api.submit(`
jobs:
  dirty:
    runs-on: lab
    matrix: { n: [1, 2, 3, 4] }
    steps: [{ run: 'test ! -e ${DIRT} && touch ${DIRT}' }]
`);
    const { result, jobs } = await api.finished(id);
    expect(jobs.map(({ reason }) => reason)).toEqual([null, null, null, null]);
    expect(result).toBe('success');
  });

  test('say in `footman explain` why their hosts are quarantined, and `footman doctor` says it, too', async () => {
    const { number } = await api.submit(job('off'));
    const explained = await place.run('explain', String(number));
    expect(explained.out).toMatch(/hosts .*quarantined \(dead: its reset failed: .*ECONNREFUSED/);
    expect((await place.run('doctor')).out).toMatch(/host rack\/dead is quarantined: .*ECONNREFUSED/);
  });

  test('are not put on a machine that shows another key, and both keys are told', async () => {
    await lab.changeHostKey();
    const { number, id } = await api.submit(job('lab'));
    const [good, shown] = [fingerprint(lab.hostKey), fingerprint(lab.otherHostKey)];
    const failed = await api.event(
      ({ kind, data }) =>
        kind === 'node' && data.state === 'failed' && String(data['reason']).includes(shown),
    );
    expect(failed.data['reason']).toMatch(/^the host key of h[12] \(.*\) should be ssh-ed25519 SHA256:/);
    expect(failed.data['reason']).toContain(good);
    await quarantined('h1');
    await quarantined('h2');
    const explained = await place.run('explain', String(number));
    expect(explained.out).toContain(`and it shows ssh-ed25519 ${shown}`);
    expect((await api.build(id)).jobs[0]?.state).toBe('queued');
  });

  function quarantined(host: string): Promise<EventView> {
    return api.event(
      ({ kind, data }) => kind === 'host' && data.id === `rack/${host}` && data.state === 'quarantined',
    );
  }

  async function configuration(): Promise<string> {
    const settings = await labSettings(lab, place.folder, ['h1', 'h2']);
    const { user } = lab.account(LAB_HOSTS.h1);
    const dead = { address: '127.0.0.1:1', user, 'host-key': lab.hostKey };
    const rack = {
      kind: 'ssh',
      ...settings,
      hosts: { ...settings.hosts, dead },
      'answer-timeout': '1s',
      reset: { script: `rm -f ${DIRT}` },
      templates: { both: { labels: 'lab', hosts: ['h1', 'h2'] }, off: { labels: 'off', hosts: ['dead'] } },
    };
    return `data: data\nclouds: ${JSON.stringify({ rack })}\n`;
  }
});

/** Not in a node's folder, so that only a reset removes it. */
const DIRT = '$(eval echo ~$(id -un))/dirt';

function job(label: string): string {
  return `jobs: { main: { runs-on: ${label}, steps: [{ run: 'true' }] } }`;
}
