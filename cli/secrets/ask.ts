import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { FootmanError } from '#shared/errors';
import type { Context } from '../context.ts';

/** Asks for a line on the terminal, which does not show what is typed. */
export async function askHidden({ err }: Context, question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Before the question: from here on the terminal echoes nothing.
  const line = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  try {
    const answer = new Promise<string>((resolve, reject) => {
      line.once('line', resolve);
      for (const end of ['SIGINT', 'close']) {
        line.once(end, () => reject(new FootmanError('cancelled', 'no value was given')));
      }
    });
    await err.write(question);
    return await answer;
  } finally {
    line.close();
    await err.write('\n');
  }
}
