import { messageOf } from '#shared/errors';
import type { StepInput } from '#shared/protocol';
import { requestWithRetries, type Endpoint } from '../http/index.ts';

/**
 * Downloads the inputs into the folder, one after another, and checks them.
 *
 * @throws Error that names the input
 */
export async function fetchInputs(
  inputs: readonly StepInput[],
  folder: string,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<void> {
  for (const input of inputs) {
    try {
      await fetchInput(input, `${folder}/${input.name}`, endpoint, signal);
    } catch (error) {
      throw new Error(`its input ${input.name} could not be fetched: ${messageOf(error)}`, { cause: error });
    }
  }
}

async function fetchInput(
  { request, bytes, sha256 }: StepInput,
  path: string,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<void> {
  const [{ createHash }, { createWriteStream }, { pipeline }] = await Promise.all([
    import('node:crypto'),
    import('node:fs'),
    import('node:stream/promises'),
  ]);
  await requestWithRetries(
    {
      endpoint,
      request,
      async receive(response) {
        const hash = createHash('sha256');
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          hash.update(chunk);
          length += chunk.length;
          if (length > bytes)
            response.destroy(new Error(`it has more than the ${bytes} bytes that were promised`));
        });
        await pipeline(response, createWriteStream(path), { signal });
        if (length !== bytes) throw new Error(`${length} bytes came, and ${bytes} were promised`);
        if (hash.digest('hex') !== sha256) throw new Error('its SHA-256 is not the promised one');
      },
    },
    signal,
  );
}
