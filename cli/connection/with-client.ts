import type { Client } from '../client/index.ts';
import type { Context } from '../context.ts';
import { connect } from './connect.ts';

/** For commands that ask something and are done: a controller that is started for that launches nothing. */
export async function withClient<T>(context: Context, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await connect(context, { isPlacing: false });
  try {
    return await work(connection.client);
  } finally {
    await connection.close();
  }
}
