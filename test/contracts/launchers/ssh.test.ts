import { afterAll, beforeAll } from 'vitest';
import { optionalService } from '#test/optional';
import { busyboxMissing } from '#test/shells';
import { sshLabMissing } from '#test/ssh-lab';
import { openLauncherFixture, type LauncherFixture } from './fixture.ts';
import { launcherContract } from './suite.ts';

optionalService('OpenSSH lab', sshLabMissing())('the SSH launcher', () => {
  let fixture: LauncherFixture;
  beforeAll(async () => {
    fixture = await openLauncherFixture({ hasRuntime: true });
  });
  afterAll(() => fixture.dispose());

  launcherContract(() => fixture, { account: 'root', dial: 'tunnel', isRoot: true });
  launcherContract(() => fixture, { account: 'sudo', dial: 'tunnel', isRoot: true });
  launcherContract(() => fixture, { account: 'plain', dial: 'public-url', isRoot: false });
  launcherContract(() => fixture, { account: 'deep', dial: 'tunnel', isRoot: false });
  optionalService('busybox', busyboxMissing())('with BusyBox', () =>
    launcherContract(() => fixture, { account: 'busybox', dial: 'tunnel', isRoot: false }),
  );
});
