import { messageOf } from '#shared/errors';
import type { StepInput } from '#shared/protocol';
import { persist, TransferError, type Patience, type Transport } from '../http/index.ts';

/**
 * Downloads the inputs into the folder, one after another, and checks them.
 *
 * @throws Error that names the input
 */
export async function fetchInputs(
  inputs: readonly StepInput[],
  folder: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<void> {
  const patience = transport.patience();
  for (const input of inputs) {
    try {
      await fetchInput(input, `${folder}/${input.name}`, { transport, patience }, signal);
    } catch (error) {
      throw new Error(`its input ${input.name} could not be fetched: ${messageOf(error)}`, { cause: error });
    }
  }
}

async function fetchInput(
  { request, bytes, sha256 }: StepInput,
  path: string,
  { transport, patience }: { transport: Transport; patience: Patience },
  signal: AbortSignal,
): Promise<void> {
  const [{ createHash }, { createWriteStream }, { pipeline }] = await Promise.all([
    import('node:crypto'),
    import('node:fs'),
    import('node:stream/promises'),
  ]);
  await persist(
    {
      transport,
      patience,
      request,
      async receive(response) {
        const hash = createHash('sha256');
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          hash.update(chunk);
          length += chunk.length;
          if (length > bytes)
            response.destroy(refusal(`it has more than the ${bytes} bytes that were promised`));
        });
        await pipeline(response, createWriteStream(path), { signal });
        if (length !== bytes) throw refusal(`${length} bytes came, and ${bytes} were promised`);
        if (hash.digest('hex') !== sha256) throw refusal('its SHA-256 is not the promised one');
      },
    },
    signal,
  );
}

/** Another attempt would bring the same. */
function refusal(why: string): TransferError {
  return new TransferError(why, false);
}
