import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { FootmanError } from '#shared/errors';
import type { Context } from '../context.ts';

/** Asks for a line on the terminal, which does not show what is typed. */
export async function askHidden({ err }: Context, question: string): Promise<string> {
  await err.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  try {
    return await new Promise((resolve, reject) => {
      line.once('line', resolve);
      for (const end of ['SIGINT', 'close']) {
        line.once(end, () => reject(new FootmanError('cancelled', 'no value was given')));
      }
    });
  } finally {
    line.close();
    await err.write('\n');
  }
}
