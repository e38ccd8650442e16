import type { Build, Job } from '#controller/api';
import { formatDuration } from '#shared/quantity';
import type { Screen } from '../terminal/index.ts';
import { labelOf, placeOf } from './labels.ts';

export interface Progress {
  show(build: Build): void;
  close(): void;
}

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'.split('');
const FRAME_MS = 120;

/** The bottom line of a terminal: how far the build is, for how long, and what it is at. */
export function createProgress(screen: Screen): Progress {
  let build: Build | undefined;
  let frame = 0;
  const timer = screen.isTerminal ? setInterval(draw, FRAME_MS) : undefined;
  timer?.unref();

  return {
    show(next) {
      build = next;
      draw();
    },
    close() {
      clearInterval(timer);
      build = undefined;
      screen.setStatus('');
    },
  };

  function draw(): void {
    if (build === undefined) return;
    frame = (frame + 1) % FRAMES.length;
    screen.setStatus(`${FRAMES[frame] ?? ''} ${describe(build, Date.now())}`);
  }
}

/** `jobs 1/3 · 12.3s · test: step 2/4 make check · deploy waits for test`; what runs comes first. */
export function describe({ jobs: all, createdAt }: Build, now: number): string {
  const jobs = all.filter(({ superseded }) => !superseded);
  const active = jobs.filter(({ state }) => state !== 'finished');
  const seconds = Math.floor(Math.max(0, now - createdAt) / 1000) * 1000;
  const activities = active
    .toSorted((a, b) => NEAREST_TO_END.indexOf(a.state) - NEAREST_TO_END.indexOf(b.state))
    .map((job) => activityOf(job, active));
  return [`jobs ${jobs.length - active.length}/${jobs.length}`, formatDuration(seconds), ...activities].join(
    ' · ',
  );
}

const NEAREST_TO_END: readonly Job['state'][] = ['running', 'leased', 'queued', 'blocked'];

function activityOf(job: Job, active: readonly Job[]): string {
  const { state, steps } = job;
  const label = labelOf(job);
  switch (state) {
    case 'blocked':
      return `${label} waits for ${obstacleOf(job, active)}`;
    case 'queued':
      return `${label} waits for a node`;
    case 'leased':
    case 'running':
    case 'finished': {
      const step = steps.find((one) => one.state === 'running');
      return step === undefined ? `${label} is at it` : `${label}: ${placeOf(job, step)} ${step.name}`;
    }
  }
}

/** A retry waits for its time, and a cell of a matrix for others of its cells. */
function obstacleOf({ needs }: Job, active: readonly Job[]): string {
  const unmet = needs.filter((need) => active.some(({ base }) => base === need));
  return unmet.length === 0 ? 'its turn' : unmet.join(', ');
}
