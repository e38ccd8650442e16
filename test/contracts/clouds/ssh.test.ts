import { afterAll, beforeAll } from 'vitest';
import { optionalService } from '#test/optional';
import { placeRuntime } from '#test/ssh-hosts';
import { openSshLab, sshLabMissing, type SshLab } from '#test/ssh-lab';
import { openSshFixture } from './ssh-fixture.ts';
import { cloudContract } from './suite.ts';

optionalService('SSH host', sshLabMissing())('on hosts of a lab', () => {
  let lab: SshLab;
  beforeAll(async () => {
    lab = await openSshLab();
    await placeRuntime(lab);
  });
  afterAll(() => lab.close());

  cloudContract('ssh', () => openSshFixture(lab));
});
