import { abortable } from '#shared/abortable';
import type { Activity, AgentLink } from './activity.ts';

interface Task {
  step: string;
  link: AgentLink;
  begin(activity: Activity): void;
  signal: AbortSignal;
}

/** Has the agent put on the disk what it has to remember. Resolves with why it could not, as a sentence, or null. */
export function prepareReboot({ step, link, begin, signal }: Task): Promise<string | null> {
  const answer = Promise.withResolvers<string | null>();
  begin({
    resume: () => [],
    attached: () => link.send({ type: 'reboot.prepare', step }),
    log: () => undefined,
    message(message) {
      if (message.type === 'reboot.prepared' && message.step === step)
        answer.resolve(message.problem ?? null);
    },
  });
  return abortable(answer.promise, signal);
}
