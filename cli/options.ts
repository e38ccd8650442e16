import { InvalidArgumentError, Option, type Command } from 'commander';
import { duration } from '#shared/quantity';

/** A whole number on the command line. */
export function toCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it must be a whole number.');
}

/** `A-B`, `A-` or `A` on the command line: lines, counted from 1. */
export function toLines(text: string): { line: number; lines?: number } {
  const [, from = '0', dash, to = ''] = /^(\d{1,9})(?:(-)(\d{0,9}))?$/.exec(text) ?? [];
  const line = Number(from) - 1;
  if (dash !== undefined && to === '' && line >= 0) return { line };
  const lines = dash === undefined ? 1 : Number(to) - line;
  if (line >= 0 && lines > 0) return { line, lines };
  throw new InvalidArgumentError('write 100-200, 100- or 100; the first line is 1.');
}

/** A range of bytes on the command line, as HTTP has it. */
export function toRange(text: string): string {
  if (/^(\d{1,15}-\d{0,15}|-\d{1,15})$/.test(text)) return text;
  throw new InvalidArgumentError('write for example 0-511, 512- or -100.');
}

/** A time on the command line, or how long ago; in milliseconds since the epoch. */
export function toTime(text: string): number {
  const ago = duration.safeParse(text);
  const time = ago.success ? Date.now() - ago.data : Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new InvalidArgumentError('write 2026-01-31T12:00:00Z, or 10m for so long ago.');
}

/** A length of time on the command line, as it is written: the API reads it. */
export function toDuration(text: string): string {
  const read = duration.safeParse(text);
  if (read.success) return text;
  throw new InvalidArgumentError(
    `${read.error.issues[0]?.message ?? 'it is no duration'}; write for example 90m, 4h or 1d.`,
  );
}

/** The same, where the API takes no more than `longest`. */
export function toDurationUpTo(longest: string): (text: string) => string {
  return (text) => {
    if (duration.parse(toDuration(text)) <= duration.parse(longest)) return text;
    throw new InvalidArgumentError(`it is longer than ${longest}.`);
  };
}

/** One of these words on the command line. */
export function oneOf(words: readonly string[]): (text: string) => string {
  return (text) => {
    if (words.includes(text)) return text;
    throw new InvalidArgumentError(`write ${words.slice(0, -1).join(', ')} or ${words.at(-1)}.`);
  };
}

/** `--key FILE`, any number of times. */
export function keyOption(): Option {
  return new Option(
    '--key <file>',
    'also let in the public key in this file, in standard input (-), or the keys of a profile (@name); may be repeated',
  ).argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
}

/** How a node is wanted to be held. */
export function holding(command: Command): Command {
  return command
    .option(
      '--for <duration>',
      "for how long, such as 4h; the configuration's default if left out",
      toDuration,
    )
    .option('--reason <text>', 'why, for everybody who asks')
    .addOption(keyOption());
}

/** `-p name=value`, any number of times. */
export function parameterOption(): Option {
  return new Option('-p, --parameter <name=value>', 'a parameter of the pipeline; may be repeated').argParser(
    (text: string, before: string[] | undefined) => [...(before ?? []), text],
  );
}

export function parametersFileOption(): Option {
  return new Option('--parameters-file <file>', 'parameters as YAML: a mapping of names to values');
}
