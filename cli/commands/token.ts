import type { NewToken } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatTime } from '../terminal/index.ts';

interface Options {
  role: NewToken['role'];
  for?: string;
}

/** Signs a token for somebody; the token alone goes to standard output. */
export async function signToken(
  context: Context,
  subject: string,
  { role, for: time }: Options,
): Promise<number> {
  const wish = { subject, role, ...(time === undefined ? {} : { for: time }) };
  const signed = await withClient(context, ({ people }) => people.signToken(wish));
  if (context.options.json === true) {
    await printJson(context, signed);
    return 0;
  }
  await context.out.write(`${signed.token}\n`);
  const until = signed.expiresAt === null ? 'for ever' : `until ${formatTime(signed.expiresAt)}`;
  await context.err.write(`footman: ${subject} may ${role} with it ${until}; it is kept nowhere\n`);
  return 0;
}
