import { z } from 'zod';

/** What QEMU says on its monitor: https://www.qemu.org/docs/master/interop/qmp-spec.html */
const Message = z.union([
  z.object({ QMP: z.object({}) }).transform(() => ({ type: 'greeting' as const })),
  z.object({ event: z.string() }).transform(({ event }) => ({ type: 'event' as const, event })),
  z
    .object({ error: z.object({ class: z.string(), desc: z.string() }) })
    .transform(({ error }) => ({ type: 'error' as const, sentence: error.desc })),
  z.object({ return: z.unknown() }).transform(({ return: value }) => ({ type: 'return' as const, value })),
]);
export type QmpMessage = z.infer<typeof Message>;

/** One line of QEMU's, or undefined for what is none of its messages. */
export function parseQmpMessage(line: string): QmpMessage | undefined {
  try {
    return Message.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
