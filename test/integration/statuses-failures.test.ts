import { optionalService } from '#test/optional';
import { TOKEN, useStatuses } from '#test/statuses-fixture';
import { describe, expect, test } from 'vitest';
import { BACKENDS } from '../contracts/store/backend.ts';
import { useBackend } from '../contracts/store/context.ts';

const never = new AbortController().signal;

for (const kind of BACKENDS) {
  optionalService(kind.name, kind.missing)(`providers that fail on ${kind.name}`, () => {
    const world = useStatuses(useBackend(kind));

    test('a provider that fails in every way is asked again, less and less often, until it takes it', async () => {
      const failures = [{ status: 500 }, { status: 502 }, 'reset', 'hang', 'drip', { status: 429 }] as const;
      world.provider.script(...failures);
      const build = await world.addBuild();
      await world.tellAll();
      const pauses: number[] = [];
      for (const { length } = { length: failures.length }; pauses.length < length;) {
        const { due_at: due, problem } = await world.row();
        expect(problem).toMatch(/answer/);
        pauses.push((due ?? 0) - world.time);
        await world.advance((due ?? 0) - world.time);
      }
      expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 64_000]);
      expect(world.provider.requests).toHaveLength(failures.length + 1);
      expect(await world.row()).toMatchObject({ told: 'pending', problem: null, failures: 0, due_at: null });
      await world.move(build, 'finished', 'success');
      await world.tellAll();
      expect(world.bodies().at(-1)).toMatchObject({ state: 'success' });
    });

    test('while a provider fails, what comes to be is told at the next try, and nothing older', async () => {
      world.provider.script({ status: 500 });
      const build = await world.addBuild();
      await world.tellAll();
      await world.move(build, 'finished', 'success');
      await world.tellAll();
      expect(world.provider.requests).toHaveLength(1);
      await world.advance(2000);
      expect(world.bodies()).toMatchObject([{ state: 'pending' }, { state: 'success' }]);
    });

    test('a provider that asks for a pause gets it, for all of the project and nobody else', async () => {
      world.provider.script({ status: 429, headers: { 'retry-after': '90' } });
      await world.addBuild();
      await world.addBuild({ pipeline: 'docs' });
      await world.tellAll();
      expect(world.provider.requests).toHaveLength(1);
      const other = await world.addProject('github', 'other');
      world.secrets.set('project:other/token', TOKEN);
      await world.addBuild({ project_id: other.id });
      await world.tellAll();
      expect(world.provider.requests).toHaveLength(2);
      await world.advance(89_000);
      expect(world.provider.requests).toHaveLength(2);
      await world.advance(1000);
      expect(world.provider.requests).toHaveLength(4);
    });

    test.each([401, 403, 404, 422])(
      '%d is taken for an answer after a few tries, until there is something new',
      async (status) => {
        const refusal = { status, body: { message: 'no way' } };
        world.provider.script(refusal, refusal, refusal);
        const build = await world.addBuild();
        await world.tellAll();
        await world.advance(2000);
        await world.advance(4000);
        await world.advance(3_600_000);
        expect(world.provider.requests).toHaveLength(3);
        expect(await world.row()).toMatchObject({
          told: null,
          due_at: null,
          failures: 3,
          problem: `the provider answered ${status}: no way`,
        });
        await world.move(build, 'finished', 'success');
        await world.tellAll();
        expect(world.bodies().at(-1)).toMatchObject({ state: 'success' });
        expect(await world.row()).toMatchObject({ told: 'success', problem: null });
      },
    );

    test('GitLab says with an error that it knows already', async () => {
      const message =
        'Cannot transition status via :enqueue from :running (Reason(s): Status cannot transition via "enqueue")';
      world.provider.script({ status: 400, body: { message } });
      world.project = await world.addProject('gitlab', 'lab');
      world.secrets.set('project:lab/token', TOKEN);
      await world.addBuild();
      await world.tellAll();
      expect(await world.row()).toMatchObject({ told: 'pending', due_at: null, problem: null });
    });

    test('a provider that hangs keeps no other project waiting', async () => {
      world.provider.script('hang');
      const slow = world.start({ timeoutMs: 60_000 });
      await world.addBuild();
      await slow.run(never);
      await world.provider.received(1);
      const other = await world.addProject('github', 'other');
      world.secrets.set('project:other/token', TOKEN);
      await world.addBuild({ project_id: other.id });
      await slow.run(never);
      await world.provider.received(2);
      world.stopping.abort();
      await slow.settled();
    });

    test('a controller that stops in the middle leaves the rest to the next one', async () => {
      world.provider.script('hang');
      const first = world.start({ timeoutMs: 60_000 });
      await world.addBuild();
      await first.run(never);
      await world.provider.received(1);
      world.stopping.abort();
      await first.settled();
      expect(await world.row()).toMatchObject({ told: null, failures: 0, due_at: world.time });
      world.statuses = world.start();
      await world.tellAll();
      expect(await world.row()).toMatchObject({ told: 'pending' });
    });

    test('one of several controllers tells', async () => {
      await world.addBuild();
      const others = [world.start(), world.start(), world.start()];
      await Promise.all(others.map((each) => each.run(never)));
      await Promise.all(others.map((each) => each.settled()));
      expect(world.provider.requests).toHaveLength(1);
    });

    describe('the token', () => {
      test('goes nowhere but to the provider, which may repeat it', async () => {
        world.provider.script({ status: 401, body: { message: `bad token ${TOKEN}` } });
        await world.addBuild();
        await world.tellAll();
        expect((await world.row()).problem).toBe('the provider answered 401: bad token ***');
      });

      test('does not follow a redirection', async () => {
        world.provider.script({ status: 307, headers: { location: `${world.provider.url}/elsewhere` } });
        await world.addBuild();
        await world.tellAll();
        expect(world.provider.requests).toHaveLength(1);
        expect((await world.row()).problem).toContain('has moved to');
      });

      test('may end with a line break, but hold none', async () => {
        world.secrets.set('project:shop/token', `${TOKEN}\n`);
        await world.addBuild();
        await world.tellAll();
        expect(world.provider.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
        world.secrets.set('project:shop/token', `${TOKEN}\n${TOKEN}`);
        await world.addBuild();
        await world.tellAll();
        expect(world.provider.requests).toHaveLength(1);
        expect(await world.row()).toMatchObject({ problem: 'the secret token is no token' });
      });

      test('may have the user in front, as git wants it', async () => {
        world.secrets.set('project:shop/token', `x-access-token:${TOKEN}`);
        await world.addBuild();
        await world.tellAll();
        expect(world.provider.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
      });

      test('that is missing is said', async () => {
        world.secrets.clear();
        await world.addBuild();
        await world.tellAll();
        expect(await world.row()).toMatchObject({ problem: 'there is no secret token' });
      });
    });
  });
}
