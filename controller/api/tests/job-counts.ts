import { testReportsOfJobs, type Db, type Job } from '#controller/store';
import { countsOf } from '#controller/tests';
import type { TestCounts } from '#shared/test-counts';
import { originOf } from '../jobs/origin.ts';

/** What the reports of each job say, by the job's id; jobs without reports are not in it. */
export async function countsOfJobs(db: Db, jobs: readonly Job[]): Promise<Map<string, TestCounts>> {
  const reports = Map.groupBy(await testReportsOfJobs(db, jobs.map(originOf)), (report) => report.job_id);
  return new Map(
    jobs.flatMap((job) => {
      const own = reports.get(originOf(job));
      return own === undefined ? [] : [[job.id, countsOf(own)]];
    }),
  );
}
