/** Why a job runs without a prepared image, or can't run at all: no try later changes that. */
export class Unprepared extends Error {
  override readonly name = 'Unprepared';
  readonly outcome: 'uncached' | 'failure';

  /** `uncached`: the job does by itself what would be prepared. The reason is a sentence about the job, without its subject. */
  constructor(outcome: 'uncached' | 'failure', reason: string) {
    super(reason);
    this.outcome = outcome;
  }
}
