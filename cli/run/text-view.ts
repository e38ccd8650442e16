import type { Job, Step } from '#controller/api';
import { formatSpan, paintState, printable, type Style } from '../terminal/index.ts';
import { createLinePrefixer, type LinePrefixer } from './line-prefixer.ts';
import { createProgress } from './progress.ts';
import type { Screen } from './screen.ts';
import type { BuildView } from './view.ts';

interface Deps {
  screen: Screen;
  style: Style;
}

const COLOURS = ['cyan', 'magenta', 'blue', 'yellow', 'green'] as const;

/** A build as lines, each under its job's name; on a terminal with colours and a line of progress. */
export function createTextView({ screen, style }: Deps): BuildView {
  const lines = new Map<string, LinePrefixer>();
  const progress = createProgress(screen);

  return {
    async event() {},

    async stepStarted(job, step) {
      lines.set(job.id, prefixerFor(job));
      await say(job, style.paint('bold', `${placeOf(job, step)} ${step.name}`));
    },

    async output(job, bytes) {
      const complete = lines.get(job.id)?.add(bytes);
      if (complete !== undefined) await screen.write(complete);
    },

    async stepEnded(job, step) {
      const rest = lines.get(job.id)?.end();
      if (rest !== undefined) await screen.write(rest);
      lines.delete(job.id);
      if (step.startedAt === null) return;
      const took = formatSpan(step.startedAt, step.finishedAt, Date.now());
      const message = step.message === null ? '' : `: ${step.message}`;
      await say(
        job,
        `${placeOf(job, step)} ${paintState(style, step.state, step.result)} (${took})${message}`,
      );
    },

    async jobEnded(job) {
      const reason = job.reason === null || job.result === 'success' ? '' : `: ${job.reason}`;
      await say(job, `job ${paintState(style, job.state, job.result)}${reason}`);
    },

    waiting: (job, sentence) => say(job, style.paint('dim', sentence)),
    progress: (build) => progress.show(build),
    close: () => progress.close(),
  };

  function say(job: Job, text: string): Promise<void> {
    return screen.write(`${prefixOf(job)}${text}\n`);
  }

  function prefixerFor(job: Job): LinePrefixer {
    const prefix = prefixOf(job);
    return createLinePrefixer(
      screen.isTerminal ? { prefix, clean: (text) => closeColours(printable(text)) } : { prefix },
    );
  }

  function prefixOf({ key, buildId, id }: Job): string {
    return `${style.paint(COLOURS[hash(buildId + id) % COLOURS.length] ?? 'cyan', `[${key}]`)} `;
  }
}

/** `2/5`: the step's place among its job's. */
function placeOf(job: Job, step: Step): string {
  return `step ${step.position + 1}/${job.steps.length}`;
}

/** A colour that a line leaves on must not run into other jobs' lines. */
function closeColours(text: string): string {
  return text.includes('\x1b[') ? `${text.replaceAll('\n', '\x1b[0m\n')}\x1b[0m` : text;
}

function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return value;
}
