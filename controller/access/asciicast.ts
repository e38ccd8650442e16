import { StringDecoder } from 'node:string_decoder';
import { createRedactor } from '#shared/masking';

/** The lines of a recording in asciinema's format, version 2: what a terminal showed, when, with secrets masked. */
export interface Asciicast {
  /** What was shown after so many milliseconds; empty where all of it is held back, for it may be the beginning of a secret. */
  shown(ms: number, bytes: Buffer): string;
  resized(ms: number, columns: number, rows: number): string;
  /** What was held back. */
  end(ms: number): string;
}

interface Header {
  columns: number;
  rows: number;
  term: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

export function headerLine({ columns, rows, term, startedAt }: Header): string {
  const timestamp = Math.floor(startedAt / 1000);
  return line({ version: 2, width: columns, height: rows, timestamp, env: { TERM: term } });
}

export function createAsciicast(secrets: readonly string[]): Asciicast {
  const redactor = createRedactor(secrets);
  // A character may be cut in two.
  const decoder = new StringDecoder('utf8');

  return {
    shown: (ms, bytes) => output(ms, decoder.write(redactor.push(bytes))),
    resized: (ms, columns, rows) => line([ms / 1000, 'r', `${columns}x${rows}`]),
    end: (ms) => output(ms, decoder.write(redactor.flush()) + decoder.end()),
  };
}

function output(ms: number, text: string): string {
  return text === '' ? '' : line([ms / 1000, 'o', text]);
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
