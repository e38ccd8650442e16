import { createJournal, type Journal } from '#controller/events';
import { createLogger } from '#controller/logger';
import { createStatuses, reportBroken, type Statuses } from '#controller/statuses';
import {
  insertBuild,
  insertProject,
  newId,
  statusesOfProject,
  swapState,
  type Build,
  type BuildState,
  type Project,
  type Result,
} from '#controller/store';
import { optionalService } from '#test/optional';
import { startStatusProvider, type StatusProvider } from '#test/status-provider';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BACKENDS } from '../contracts/store/backend.ts';
import { useBackend } from '../contracts/store/context.ts';
import { buildRow } from '../contracts/store/rows.ts';

const never = new AbortController().signal;
const SHA = 'a'.repeat(40);
const TOKEN = 'glpat-abcdefgh12345678';

for (const kind of BACKENDS) {
  optionalService(kind.name, kind.missing)(`commit statuses on ${kind.name}`, () => {
    const context = useBackend(kind);
    let provider: StatusProvider;
    let journal: Journal;
    let time: number;
    let timers: { at: number; action: () => void }[];
    let logged: string[];
    let secrets: Map<string, string>;
    let stopping: AbortController;
    let statuses: Statuses;
    let project: Project;

    const clock = {
      now: () => time,
      after(ms: number, action: () => void) {
        const timer = { at: time + ms, action };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    };
    const logger = createLogger('debug', { write: (line) => void logged.push(line) });

    beforeEach(async () => {
      time = Date.parse('2026-01-01T00:00Z');
      timers = [];
      logged = [];
      secrets = new Map([['project:shop/token', TOKEN]]);
      provider = await startStatusProvider();
      journal = createJournal({ store: context.store, clock });
      statuses = start();
      project = await addProject('github');
    });

    afterEach(async () => {
      stopping.abort();
      await statuses.settled();
      await provider.close();
      expect(logged.join('')).not.toContain(TOKEN);
    });

    test('GitHub is told as it wants to be told', async () => {
      const build = await addBuild();
      await tellAll();
      await move(build, 'running');
      await tellAll();
      await move(build, 'finished', 'failure', 'job unit failed');
      await tellAll();
      expect(provider.requests).toMatchObject([
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
      expect(bodies()).toEqual([
        { state: 'pending', description: 'build 1 waits', ...target },
        { state: 'pending', description: 'build 1 runs', ...target },
        { state: 'failure', description: 'build 1: failure, job unit failed', ...target },
      ]);
      expect(await row()).toMatchObject({ told: 'failure', due_at: null, failures: 0 });
    });

    test('GitLab is told as it wants to be told', async () => {
      project = await addProject('gitlab', 'lab', 'https://gitlab.example/group/sub/shop.git');
      secrets.set('project:lab/token', TOKEN);
      await addBuild();
      await tellAll();
      expect(provider.requests).toMatchObject([
        { path: `/projects/group%2Fsub%2Fshop/statuses/${SHA}`, headers: { 'private-token': TOKEN } },
      ]);
      expect(bodies()).toEqual([
        {
          state: 'pending',
          name: 'footman/ci',
          description: 'build 1 waits',
          target_url: 'https://ci.example/footman/builds/1',
        },
      ]);
    });

    test('Gitea is told as it wants to be told, with a token of the controller', async () => {
      project = await addProject('gitea', 'tea');
      secrets.set('controller/token', TOKEN);
      await addBuild();
      await tellAll();
      expect(provider.requests).toMatchObject([
        { path: `/repos/acme/shop/statuses/${SHA}`, headers: { authorization: `token ${TOKEN}` } },
      ]);
    });

    test.each([
      ['github', 'pending pending success success failure failure error error'],
      ['gitea', 'pending pending success success failure failure error error'],
      ['gitlab', 'pending running success success failed failed failed canceled'],
    ] as const)('%s knows every state', async (name, expected) => {
      project = await addProject(name, `states-${name}`);
      secrets.set('controller/token', TOKEN);
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
        await addBuild({ state, result: results[place] ?? null, pipeline: `p${place}`, finished_at: time });
        await tellAll();
      }
      expect(
        bodies()
          .map(({ state }) => state)
          .join(' '),
      ).toBe(expected);
    });

    test('of states that came quickly, only the newest is told', async () => {
      const build = await addBuild();
      await move(build, 'running');
      await move(build, 'finished', 'success');
      await tellAll();
      expect(bodies()).toMatchObject([{ state: 'success' }]);
    });

    test('what changes while the provider takes its time is told after it, never beside it', async () => {
      const gate = Promise.withResolvers<void>();
      provider.script({ after: gate.promise });
      const build = await addBuild();
      await statuses.run(never);
      await provider.received(1);
      await move(build, 'running');
      await move(build, 'finished', 'success');
      await statuses.run(never);
      expect(provider.requests).toHaveLength(1);
      gate.resolve();
      await statuses.settled();
      expect(bodies()).toMatchObject([{ state: 'pending' }, { state: 'success' }]);
      expect(provider.mostAtOnce).toBe(1);
      expect(await row()).toMatchObject({ told: 'success', due_at: null });
    });

    test('a provider that fails in every way is asked again, less and less often, until it takes it', async () => {
      const failures = [{ status: 500 }, { status: 502 }, 'reset', 'hang', 'drip', { status: 429 }] as const;
      provider.script(...failures);
      const build = await addBuild();
      await tellAll();
      const pauses: number[] = [];
      for (const { length } = { length: failures.length }; pauses.length < length;) {
        const { due_at: due, problem } = await row();
        expect(problem).toMatch(/answer/);
        pauses.push((due ?? 0) - time);
        await advance((due ?? 0) - time);
      }
      expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 64_000]);
      expect(provider.requests).toHaveLength(failures.length + 1);
      expect(await row()).toMatchObject({ told: 'pending', problem: null, failures: 0, due_at: null });
      await move(build, 'finished', 'success');
      await tellAll();
      expect(bodies().at(-1)).toMatchObject({ state: 'success' });
    });

    test('while a provider fails, what comes to be is told at the next try, and nothing older', async () => {
      provider.script({ status: 500 });
      const build = await addBuild();
      await tellAll();
      await move(build, 'finished', 'success');
      await tellAll();
      expect(provider.requests).toHaveLength(1);
      await advance(2000);
      expect(bodies()).toMatchObject([{ state: 'pending' }, { state: 'success' }]);
    });

    test('a provider that asks for a pause gets it, for all of the project and nobody else', async () => {
      provider.script({ status: 429, headers: { 'retry-after': '90' } });
      await addBuild();
      await addBuild({ pipeline: 'docs' });
      await tellAll();
      expect(provider.requests).toHaveLength(1);
      const other = await addProject('github', 'other');
      secrets.set('project:other/token', TOKEN);
      await addBuild({ project_id: other.id });
      await tellAll();
      expect(provider.requests).toHaveLength(2);
      await advance(89_000);
      expect(provider.requests).toHaveLength(2);
      await advance(1000);
      expect(provider.requests).toHaveLength(4);
    });

    test.each([401, 403, 404, 422])(
      '%d is taken for an answer after a few tries, until there is something new',
      async (status) => {
        const refusal = { status, body: { message: 'no way' } };
        provider.script(refusal, refusal, refusal);
        const build = await addBuild();
        await tellAll();
        await advance(2000);
        await advance(4000);
        await advance(3_600_000);
        expect(provider.requests).toHaveLength(3);
        expect(await row()).toMatchObject({
          told: null,
          due_at: null,
          failures: 3,
          problem: `the provider answered ${status}: no way`,
        });
        await move(build, 'finished', 'success');
        await tellAll();
        expect(bodies().at(-1)).toMatchObject({ state: 'success' });
        expect(await row()).toMatchObject({ told: 'success', problem: null });
      },
    );

    test('GitLab says with an error that it knows already', async () => {
      const message =
        'Cannot transition status via :enqueue from :running (Reason(s): Status cannot transition via "enqueue")';
      provider.script({ status: 400, body: { message } });
      project = await addProject('gitlab', 'lab');
      secrets.set('project:lab/token', TOKEN);
      await addBuild();
      await tellAll();
      expect(await row()).toMatchObject({ told: 'pending', due_at: null, problem: null });
    });

    test('a provider that hangs keeps no other project waiting', async () => {
      provider.script('hang');
      const slow = start({ timeoutMs: 60_000 });
      await addBuild();
      await slow.run(never);
      await provider.received(1);
      const other = await addProject('github', 'other');
      secrets.set('project:other/token', TOKEN);
      await addBuild({ project_id: other.id });
      await slow.run(never);
      await provider.received(2);
      stopping.abort();
      await slow.settled();
    });

    test('a controller that stops in the middle leaves the rest to the next one', async () => {
      provider.script('hang');
      const first = start({ timeoutMs: 60_000 });
      await addBuild();
      await first.run(never);
      await provider.received(1);
      stopping.abort();
      await first.settled();
      expect(await row()).toMatchObject({ told: null, failures: 0, due_at: time });
      statuses = start();
      await tellAll();
      expect(await row()).toMatchObject({ told: 'pending' });
    });

    test('one of several controllers tells', async () => {
      await addBuild();
      const others = [start(), start(), start()];
      await Promise.all(others.map((each) => each.run(never)));
      await Promise.all(others.map((each) => each.settled()));
      expect(provider.requests).toHaveLength(1);
    });

    test('what no controller noticed is found in the store', async () => {
      const running = await addBuild({}, { silently: true });
      await addBuild(
        { state: 'finished', result: 'failure', finished_at: time - 60_000, pipeline: 'quick' },
        { silently: true },
      );
      await tellAll();
      expect(new Set(bodies().map(({ state }) => state))).toEqual(new Set(['pending', 'failure']));
      await swapState(
        context.store.db,
        'builds',
        running.id,
        ['queued'],
        'finished',
        { result: 'success', finished_at: time },
        time,
      );
      await tellAll();
      expect(provider.requests).toHaveLength(2);
      time += 60_000;
      await tellAll();
      expect(bodies().at(-1)).toMatchObject({ state: 'success' });
      time += 60_000;
      await tellAll();
      expect(provider.requests).toHaveLength(3);
    });

    test('the newest build of a commit has the word', async () => {
      const first = await addBuild();
      await tellAll();
      const rerun = await addBuild();
      await tellAll();
      await move(first, 'finished', 'failure');
      await tellAll();
      await move(rerun, 'finished', 'success');
      await tellAll();
      expect(bodies().map(({ state, target_url: url }) => [state, url])).toEqual([
        ['pending', 'https://ci.example/footman/builds/1'],
        ['pending', 'https://ci.example/footman/builds/2'],
        ['success', 'https://ci.example/footman/builds/2'],
      ]);
    });

    test('a rerun that comes while an older build is being told is told, too', async () => {
      const gate = Promise.withResolvers<void>();
      provider.script({ after: gate.promise });
      await addBuild();
      await statuses.run(never);
      await provider.received(1);
      await addBuild();
      await statuses.run(never);
      gate.resolve();
      await statuses.settled();
      await tellAll();
      expect(bodies().map(({ target_url: url }) => url)).toEqual([
        'https://ci.example/footman/builds/1',
        'https://ci.example/footman/builds/2',
      ]);
    });

    test('a file that is broken is an error of its commit, told once', async () => {
      const broken = { file: 'ci.yaml', sha: SHA, sentence: `ci.yaml:3:5: ${'unknown key '.repeat(30)}` };
      for (let i = 0; i < 2; i++) {
        await journal.commit((tx) => reportBroken(tx, project, broken));
        await tellAll();
      }
      expect(bodies()).toMatchObject([{ state: 'error', context: 'footman/ci.yaml' }]);
      expect(bodies()[0]?.['description']).toMatch(/^ci\.yaml:3:5: unknown key .*…$/);
      expect(String(bodies()[0]?.['description'])).toHaveLength(140);
    });

    describe('the token', () => {
      test('goes nowhere but to the provider, which may repeat it', async () => {
        provider.script({ status: 401, body: { message: `bad token ${TOKEN}` } });
        await addBuild();
        await tellAll();
        expect((await row()).problem).toBe('the provider answered 401: bad token ***');
      });

      test('does not follow a redirection', async () => {
        provider.script({ status: 307, headers: { location: `${provider.url}/elsewhere` } });
        await addBuild();
        await tellAll();
        expect(provider.requests).toHaveLength(1);
        expect((await row()).problem).toContain('has moved to');
      });

      test('may end with a line break, but hold none', async () => {
        secrets.set('project:shop/token', `${TOKEN}\n`);
        await addBuild();
        await tellAll();
        expect(provider.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
        secrets.set('project:shop/token', `${TOKEN}\n${TOKEN}`);
        await addBuild();
        await tellAll();
        expect(provider.requests).toHaveLength(1);
        expect(await row()).toMatchObject({ problem: 'the secret token is no token' });
      });

      test('that is missing is said', async () => {
        secrets.clear();
        await addBuild();
        await tellAll();
        expect(await row()).toMatchObject({ problem: 'there is no secret token' });
      });
    });

    test('a project without a provider or a token is left alone', async () => {
      project = await addProject('git', 'plain');
      await addBuild();
      project = await addProject('github', 'mute', undefined, null);
      await addBuild();
      project = await addProject('github', 'sent');
      await addBuild({ source: null });
      await tellAll();
      expect(provider.requests).toEqual([]);
    });

    function start(options: { timeoutMs?: number } = {}): Statuses {
      stopping = new AbortController();
      const made = createStatuses({
        store: context.store,
        clock,
        logger,
        secrets: {
          valueOf: async (scopes, name) =>
            scopes.map((scope) => secrets.get(`${scope}/${name}`)).find((value) => value !== undefined),
        },
        publicUrl: 'https://ci.example/footman/',
        signal: stopping.signal,
        timeoutMs: 250,
        random: () => 1,
        ...options,
      });
      journal.subscribe((changes) => void made.observe(changes));
      return made;
    }

    async function tellAll(): Promise<void> {
      await statuses.run(never);
      await statuses.settled();
    }

    /** Lets time pass; whoever waited for it works, and is waited for. */
    async function advance(ms: number): Promise<void> {
      time += ms;
      for (const timer of timers.filter(({ at }) => at <= time)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.action();
      }
      await statuses.settled();
    }

    function bodies(): Record<string, unknown>[] {
      return provider.requests.map(({ body }) => body);
    }

    async function row() {
      const [row] = await statusesOfProject(context.store.db, project.id, 1);
      if (row === undefined) throw new Error('nothing is noted');
      return row;
    }

    function addProject(
      provides: Project['provider'],
      name = 'shop',
      repository = 'https://git.example/acme/shop.git',
      token: string | null = 'token',
    ): Promise<Project> {
      return insertProject(context.store.db, {
        id: newId(),
        name,
        provider: provides,
        repository,
        api_url: provider.url,
        default_branch: 'main',
        pipelines: ['ci.yaml'],
        token_secret: token,
        ssh_key_secret: null,
        webhook_secret: null,
        known_hosts: null,
        depth: null,
        created_at: time,
      });
    }

    async function addBuild(change: Partial<Build> = {}, { silently = false } = {}): Promise<Build> {
      const source = { blob: 'sources/x', bytes: 1, sha256: 'x', commit: SHA, ref: null };
      const values = buildRow({
        pipeline: 'ci',
        project_id: project.id,
        source,
        created_at: time,
        ...change,
      });
      if (silently) return insertBuild(context.store.db, values);
      return journal.commit(async (tx) => {
        const build = await insertBuild(tx.db, values);
        await tx.record({ kind: 'build', buildId: build.id, data: { id: build.id, state: build.state } });
        return build;
      });
    }

    async function move(
      { id }: Build,
      to: BuildState,
      result: Result | null = null,
      reason: string | null = null,
    ) {
      await journal.commit(async (tx) => {
        await swapState(
          tx.db,
          'builds',
          id,
          ['queued', 'running'],
          to,
          { result, reason, finished_at: time },
          time,
        );
        await tx.record({ kind: 'build', buildId: id, data: { id, state: to } });
      });
    }
  });
}
