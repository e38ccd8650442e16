import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Build, BuildList, BuildSummary, ErrorAnswer, Job, Waiting } from '#controller/api';
import { moveJob } from '#controller/builds';
import { askForNode } from '#controller/requests';
import { deleteCordon, putCordon, recordDecline } from '#controller/store';
import { startApiServer, type ApiServer } from '#test/api-server';

const ONE_JOB = 'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }';

let api: ApiServer;

beforeAll(async () => {
  api = await startApiServer();
});

afterAll(() => api.dispose());

async function submit(pipeline = ONE_JOB, extra: object = {}): Promise<BuildSummary> {
  const response = await api.post('/builds', { file: 'ci.yaml', pipeline, ...extra });
  expect(response.status).toBe(201);
  return (await response.json()) as BuildSummary;
}

async function refusal(
  pipeline: string,
  extra: object = {},
): Promise<ErrorAnswer['error'] & { status: number }> {
  const response = await api.post('/builds', { file: 'ci.yaml', pipeline, ...extra });
  return { status: response.status, ...((await response.json()) as ErrorAnswer).error };
}

describe('starting a build', () => {
  test('gives it a number, and shows its jobs and steps', async () => {
    const { id, number, state } = await submit();
    expect(state).toBe('queued');
    const build = await api.get<Build>(`/builds/${number}`);
    expect(build.id).toBe(id);
    expect(build.pipeline).toBe('ci');
    expect(build.jobs).toMatchObject([
      { key: 'a', state: 'queued', runsOn: 'linux', steps: [{ name: 'true', state: 'pending' }] },
    ]);
    expect(await api.get(`/builds/${id}`)).toEqual(build);
  });

  test('every mistake of the pipeline comes back at once, each at its place', async () => {
    const error = await refusal('jobs:\n  a:\n    run-on: linux\n    steps: [{ runn: x }]\n');
    expect(error).toMatchObject({ status: 400, code: 'document-invalid', actor: 'author' });
    expect(error.problems?.length).toBeGreaterThan(2);
    expect(error.problems).toContainEqual(expect.objectContaining({ file: 'ci.yaml', line: 3, column: 5 }));
  });

  test('a label that no template has is refused with the nearest ones', async () => {
    const error = await refusal(
      'jobs: { a: { runs-on: linux && dokcer, steps: [{ run: "true" }] }, b: { runs-on: linux, steps: [{ run: "true" }] } }',
    );
    expect(error).toMatchObject({ status: 422, code: 'no-such-label' });
    expect(error.problems).toHaveLength(1);
    expect(error.problems?.[0]).toMatchObject({ job: 'a', message: expect.stringContaining('docker') });
  });

  test('known labels that no one template has together are refused as well', async () => {
    expect(await refusal('jobs: { a: { runs-on: arm && docker, steps: [{ run: "true" }] } }')).toMatchObject({
      status: 422,
    });
  });

  test("the sender's label expression stands in for every job's own", async () => {
    const { id } = await submit('jobs: { a: { runs-on: nowhere, steps: [{ run: "true" }] } }', {
      runsOn: 'arm',
    });
    expect((await api.get<Build>(`/builds/${id}`)).jobs[0]?.runsOn).toBe('arm');
    expect(await refusal(ONE_JOB, { runsOn: 'linux &&' })).toMatchObject({
      status: 400,
      code: 'label-invalid',
    });
  });

  test('a source that was not uploaded is refused', async () => {
    const source = { sha256: 'a'.repeat(64), bytes: 1, commit: 'b'.repeat(40), ref: null };
    expect(await refusal(ONE_JOB, { source })).toMatchObject({ status: 404, code: 'not-found' });
  });
});

describe('listing builds', () => {
  test('newest first, in pages, by state and pipeline', async () => {
    for (let i = 0; i < 3; i++) await submit(`name: paged\n${ONE_JOB}`);
    const first = await api.get<BuildList>('/builds?pipeline=paged&limit=2');
    expect(first.builds).toHaveLength(2);
    const second = await api.get<BuildList>(`/builds?pipeline=paged&limit=2&before=${first.next}`);
    expect(second.builds).toHaveLength(1);
    expect(second.next).toBeNull();
    const numbers = [...first.builds, ...second.builds].map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    expect((await api.get<BuildList>('/builds?state=finished')).builds).toEqual([]);
  });

  test.each(['limit=0', 'limit=x', 'limit=1000', 'state=odd', 'unknown=1'])('refused: ?%s', async (query) => {
    const response = await api.call(`/builds?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'request-invalid', problems: [{}] } });
  });
});

describe('cancelling', () => {
  test('a queued build ends at once; asking again changes nothing', async () => {
    const { number } = await submit();
    for (const _ of [1, 2]) {
      const response = await api.post(`/builds/${number}/cancel`, {});
      expect(await response.json()).toMatchObject({ state: 'finished', result: 'cancelled' });
    }
    const build = await api.get<Build>(`/builds/${number}`);
    expect(build.jobs[0]).toMatchObject({ result: 'cancelled', reason: 'cancelled by administrator' });
  });

  test('one job of several leaves the others', async () => {
    const pipeline =
      'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] }, b: { runs-on: linux, steps: [{ run: "true" }] } }';
    const { number } = await submit(pipeline);
    const [a] = (await api.get<Build>(`/builds/${number}`)).jobs;
    const response = await api.post(`/jobs/${a?.id}/cancel`, { reason: 'enough' });
    expect(await response.json()).toMatchObject({ state: 'finished', result: 'cancelled', reason: 'enough' });
    expect((await api.get<Build>(`/builds/${number}`)).jobs[1]?.state).toBe('queued');
  });

  test('works without a body', async () => {
    const { number } = await submit();
    expect((await api.call(`/builds/${number}/cancel`, { method: 'POST' })).status).toBe(200);
  });
});

describe('why is it waiting?', () => {
  test('for the jobs that it needs', async () => {
    const { id } = await submit(
      'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] }, b: { needs: [a], runs-on: linux, steps: [{ run: "true" }] } }',
    );
    const b = (await api.get<Build>(`/builds/${id}`)).jobs[1];
    const waiting = await api.get<Waiting>(`/jobs/${b?.id}/waiting`);
    expect(waiting).toMatchObject({
      state: 'blocked',
      sentence: 'it waits for a',
      needs: [{ key: 'a', state: 'queued' }],
    });
  });

  test('for a node, with what keeps each candidate from giving one, and what it said before (L20)', async () => {
    const job = await queuedJob();
    await putCordon(api.store.db, { target: 'fake/arm', reason: 'repairs', actor: 'anna', at: 1 });
    await api.journal.commit(async (tx) => {
      const { id } = await askForNode(tx, job, 'main');
      const decline = { cloud: 'fake', template: 'small', code: 'failed', reason: 'no route' } as const;
      await recordDecline(tx.db, id, { ...decline, final: false, at: tx.at });
    });
    const waiting = await api.get<Waiting>(`/jobs/${job.id}/waiting`);
    expect(waiting.sentence).toBe('it waits for a node that is `linux`: fake/small is about to launch one');
    expect(waiting.candidates).toEqual([
      {
        cloud: 'fake',
        template: 'arm',
        verdict: 'declined',
        code: 'cordoned',
        reason: expect.any(String),
        until: null,
        image: null,
      },
      {
        cloud: 'fake',
        template: 'small',
        verdict: 'open',
        code: null,
        reason: null,
        until: null,
        image: null,
      },
    ]);
    expect(waiting.candidates[0]?.reason).toContain('anna: repairs');
    expect(waiting.requests).toMatchObject([
      { role: 'main', declines: [{ template: 'small', code: 'failed', reason: 'no route', final: false }] },
    ]);
    expect(waiting.until).toBe(waiting.since + 60_000);
    await deleteCordon(api.store.db, 'fake/arm');
  });

  test('not at all, when it has its node', async () => {
    const job = await queuedJob();
    await api.journal.commit((tx) => moveJob(tx, job.id, ['queued'], 'leased'));
    expect(await api.get<Waiting>(`/jobs/${job.id}/waiting`)).toMatchObject({
      sentence: 'it has its node',
      until: null,
    });
  });
});

async function queuedJob(): Promise<Job> {
  const [job] = (await api.get<Build>(`/builds/${(await submit()).id}`)).jobs;
  if (job === undefined) throw new Error('the build has no job');
  return job;
}
