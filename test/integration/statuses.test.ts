import { reportBroken } from '#controller/statuses';
import { swapState } from '#controller/store';
import { optionalService } from '#test/optional';
import { SHA, TOKEN, useStatuses } from '#test/statuses-fixture';
import { expect, test } from 'vitest';
import { BACKENDS } from '../contracts/store/backend.ts';
import { useBackend } from '../contracts/store/context.ts';

const never = new AbortController().signal;

for (const kind of BACKENDS) {
  optionalService(kind.name, kind.missing)(`what providers are told on ${kind.name}`, () => {
    const world = useStatuses(useBackend(kind));

    test('GitHub is told as it wants to be told', async () => {
      const build = await world.addBuild();
      await world.tellAll();
      await world.move(build, 'running');
      await world.tellAll();
      await world.move(build, 'finished', 'failure', 'job unit failed');
      await world.tellAll();
      expect(world.provider.requests).toMatchObject([
        {
          method: 'POST',
          path: `/repos/acme/shop/statuses/${SHA}`,
          headers: {
            authorization: `Bearer ${TOKEN}`,
            accept: 'application/vnd.github+json',
            'x-github-api-version': '2022-11-28',
            'content-type': 'application/json',
            'user-agent': 'footman',
          },
        },
        {},
        {},
      ]);
      const target = { context: 'footman/ci', target_url: 'https://ci.example/footman/builds/1' };
      expect(world.bodies()).toEqual([
        { state: 'pending', description: 'build 1 waits', ...target },
        { state: 'pending', description: 'build 1 runs', ...target },
        { state: 'failure', description: 'build 1: failure, job unit failed', ...target },
      ]);
      expect(await world.row()).toMatchObject({ told: 'failure', due_at: null, failures: 0 });
    });

    test('GitLab is told as it wants to be told', async () => {
      world.project = await world.addProject('gitlab', 'lab', {
        repository: 'https://gitlab.example/group/sub/shop.git',
      });
      world.secrets.set('project:lab/token', TOKEN);
      await world.addBuild();
      await world.tellAll();
      expect(world.provider.requests).toMatchObject([
        { path: `/projects/group%2Fsub%2Fshop/statuses/${SHA}`, headers: { 'private-token': TOKEN } },
      ]);
      expect(world.bodies()).toEqual([
        {
          state: 'pending',
          name: 'footman/ci',
          description: 'build 1 waits',
          target_url: 'https://ci.example/footman/builds/1',
        },
      ]);
    });

    test('Gitea is told as it wants to be told, with a token of the controller', async () => {
      world.project = await world.addProject('gitea', 'tea');
      world.secrets.set('controller/token', TOKEN);
      await world.addBuild();
      await world.tellAll();
      expect(world.provider.requests).toMatchObject([
        { path: `/repos/acme/shop/statuses/${SHA}`, headers: { authorization: `token ${TOKEN}` } },
      ]);
    });

    test.each([
      ['github', 'pending pending success success failure failure error error'],
      ['gitea', 'pending pending success success failure failure error error'],
      ['gitlab', 'pending running success success failed failed failed canceled'],
    ] as const)('%s knows every state', async (name, expected) => {
      world.project = await world.addProject(name, `states-${name}`);
      world.secrets.set('controller/token', TOKEN);
      const states = [
        'queued',
        'running',
        'finished',
        'finished',
        'finished',
        'finished',
        'finished',
        'finished',
      ] as const;
      const results = [
        null,
        null,
        'success',
        'skipped',
        'failure',
        'timed-out',
        'errored',
        'cancelled',
      ] as const;
      for (const [place, state] of states.entries()) {
        await world.addBuild({
          state,
          result: results[place] ?? null,
          pipeline: `p${place}`,
          finished_at: world.time,
        });
        await world.tellAll();
      }
      expect(
        world
          .bodies()
          .map(({ state }) => state)
          .join(' '),
      ).toBe(expected);
    });

    test('of states that came quickly, only the newest is told', async () => {
      const build = await world.addBuild();
      await world.move(build, 'running');
      await world.move(build, 'finished', 'success');
      await world.tellAll();
      expect(world.bodies()).toMatchObject([{ state: 'success' }]);
    });

    test('what changes while the provider takes its time is told after it, never beside it', async () => {
      const gate = Promise.withResolvers<void>();
      world.provider.script({ after: gate.promise });
      const build = await world.addBuild();
      await world.statuses.run(never);
      await world.provider.received(1);
      await world.move(build, 'running');
      await world.move(build, 'finished', 'success');
      await world.statuses.run(never);
      expect(world.provider.requests).toHaveLength(1);
      gate.resolve();
      await world.statuses.settled();
      expect(world.bodies()).toMatchObject([{ state: 'pending' }, { state: 'success' }]);
      expect(world.provider.mostAtOnce).toBe(1);
      expect(await world.row()).toMatchObject({ told: 'success', due_at: null });
    });

    test('what no controller noticed is found in the store', async () => {
      const running = await world.addBuild({}, { silently: true });
      await world.addBuild(
        { state: 'finished', result: 'failure', finished_at: world.time - 60_000, pipeline: 'quick' },
        { silently: true },
      );
      await world.tellAll();
      expect(new Set(world.bodies().map(({ state }) => state))).toEqual(new Set(['pending', 'failure']));
      await swapState(
        world.store.db,
        'builds',
        running.id,
        ['queued'],
        'finished',
        { result: 'success', finished_at: world.time },
        world.time,
      );
      await world.tellAll();
      expect(world.provider.requests).toHaveLength(2);
      world.time += 60_000;
      await world.tellAll();
      expect(world.bodies().at(-1)).toMatchObject({ state: 'success' });
      world.time += 60_000;
      await world.tellAll();
      expect(world.provider.requests).toHaveLength(3);
    });

    test('the newest build of a commit has the word', async () => {
      const first = await world.addBuild();
      await world.tellAll();
      const rerun = await world.addBuild();
      await world.tellAll();
      await world.move(first, 'finished', 'failure');
      await world.tellAll();
      await world.move(rerun, 'finished', 'success');
      await world.tellAll();
      expect(world.bodies().map(({ state, target_url: url }) => [state, url])).toEqual([
        ['pending', 'https://ci.example/footman/builds/1'],
        ['pending', 'https://ci.example/footman/builds/2'],
        ['success', 'https://ci.example/footman/builds/2'],
      ]);
    });

    test('a rerun that comes while an older build is being told is told, too', async () => {
      const gate = Promise.withResolvers<void>();
      world.provider.script({ after: gate.promise });
      await world.addBuild();
      await world.statuses.run(never);
      await world.provider.received(1);
      await world.addBuild();
      await world.statuses.run(never);
      gate.resolve();
      await world.statuses.settled();
      await world.tellAll();
      expect(world.bodies().map(({ target_url: url }) => url)).toEqual([
        'https://ci.example/footman/builds/1',
        'https://ci.example/footman/builds/2',
      ]);
    });

    test('a file that is broken is an error of its commit, told once', async () => {
      const broken = { file: 'ci.yaml', sha: SHA, sentence: `ci.yaml:3:5: ${'unknown key '.repeat(30)}` };
      for (let i = 0; i < 2; i++) {
        await world.journal.commit((tx) => reportBroken(tx, world.project, broken));
        await world.tellAll();
      }
      expect(world.bodies()).toMatchObject([{ state: 'error', context: 'footman/ci.yaml' }]);
      expect(world.bodies()[0]?.['description']).toMatch(/^ci\.yaml:3:5: unknown key .*…$/);
      expect(String(world.bodies()[0]?.['description'])).toHaveLength(140);
    });

    test('a project without a provider or a token is left alone', async () => {
      world.project = await world.addProject('git', 'plain');
      await world.addBuild();
      world.project = await world.addProject('github', 'mute', { token_secret: null });
      await world.addBuild();
      world.project = await world.addProject('github', 'sent');
      await world.addBuild({ source: null });
      await world.tellAll();
      expect(world.provider.requests).toEqual([]);
    });
  });
}
