import type { Job } from '#controller/api';
import { formatDuration } from '#shared/quantity';
import { formatSpan, paintEnding, printable, type Screen, type Style } from '../terminal/index.ts';
import { labelOf, placeOf } from './labels.ts';
import { createLinePrefixer, type LinePrefixer } from './line-prefixer.ts';
import { createProgress } from './progress.ts';
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
      // What was left out because of something else goes without saying.
      if (step.startedAt === null && step.message === null) return;
      const took =
        step.startedAt === null ? '' : ` (${formatSpan(step.startedAt, step.finishedAt, Date.now())})`;
      const message = step.message === null ? '' : `: ${step.message}`;
      await say(job, `${placeOf(job, step)} ${paintEnding(style, step)}${took}${message}`);
    },

    async jobEnded(job, next) {
      const reason = job.reason === null || job.result === 'success' ? '' : `: ${job.reason}`;
      const what = next === undefined ? 'job' : `attempt ${job.attempt}`;
      const sequel = next === undefined ? '' : `; ${sequelOf(job, next)}`;
      await say(job, `${what} ${paintEnding(style, job)}${reason}${sequel}`);
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

  function prefixOf(job: Job): string {
    const colour = COLOURS[hash(job.buildId + job.key) % COLOURS.length] ?? 'cyan';
    return `${style.paint(colour, `[${labelOf(job)}]`)} `;
  }
}

/** `attempt 2 starts in 10s`. */
function sequelOf({ stateSince }: Job, { attempt, notBefore }: Job): string {
  const delay = Math.max(0, (notBefore ?? 0) - stateSince);
  return `attempt ${attempt} starts ${delay === 0 ? 'at once' : `in ${formatDuration(delay)}`}`;
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
