import type { Build, Job } from '#controller/api';
import { formatDuration } from '#shared/quantity';
import type { Screen } from './screen.ts';

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

/** `jobs 1/3 · 12.3s · test: step 2/4 make check · deploy waits`. */
export function describe({ jobs, createdAt }: Build, now: number): string {
  const ended = jobs.filter(({ state }) => state === 'finished').length;
  const seconds = Math.floor(Math.max(0, now - createdAt) / 1000) * 1000;
  const active = jobs.filter(({ state }) => state !== 'finished').map(activityOf);
  return [`jobs ${ended}/${jobs.length}`, formatDuration(seconds), ...active].join(' · ');
}

function activityOf({ key, state, steps, needs }: Job): string {
  switch (state) {
    case 'blocked':
      return `${key} waits for ${needs.join(', ')}`;
    case 'queued':
      return `${key} waits for a node`;
    case 'leased':
    case 'running':
    case 'finished': {
      const step = steps.find((one) => one.state === 'running');
      return step === undefined
        ? `${key} is at it`
        : `${key}: ${step.position + 1}/${steps.length} ${step.name}`;
    }
  }
}
