import { z } from 'zod';
import { parseHostKey } from '#controller/launchers/ssh';
import { toFootmanError, type FootmanError } from '#shared/errors';
import { asWritten, duration } from '#shared/quantity';
import { parseAddress } from './address.ts';

const HOST_NAME = /^[a-z0-9][a-z0-9.-]{0,63}$/;

/** A removal has a minute, and more to do than to wait. */
const LONGEST_ANSWER_MS = 25_000;

const absolutePath = z.string().regex(/^\/[^\0]*$/, 'write an absolute path');
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has letters, digits and _, and no digit first');
const userName = z.string().regex(/^[A-Za-z_][\w.-]*\$?$/, 'write the name of a user, such as ci');
const publicKey = z.string().superRefine((text, context) => {
  const { message, hint } = complaintAbout(text) ?? {};
  if (message !== undefined) context.addIssue({ code: 'custom', message, params: { hint } });
});
const hostName = z
  .string()
  .regex(HOST_NAME, "a host's name has lower-case letters, digits, dots and dashes, 64 at most");

const Reset = z
  .strictObject({
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Run first, on the controller, such as one that images the host anew. A program and its arguments, without a shell; it finds the host in `FOOTMAN_HOST` and `FOOTMAN_ADDRESS`.',
      ),
    'new-host-key': z
      .boolean()
      .default(false)
      .describe('Whether the command gives the host a new key; a host with first-use is trusted anew then.'),
    reboot: z.boolean().default(false).describe('Whether the host is restarted, after the command.'),
    script: z
      .string()
      .min(1)
      .max(65_536)
      .optional()
      .describe('Run by `sh` on the host, last; anything but exit code 0 is a failure.'),
    timeout: asWritten(duration).default('10m').describe('For all of it together.'),
  })
  .refine((reset) => !reset['new-host-key'] || reset.command !== undefined, {
    path: ['new-host-key'],
    message: 'only a command can give the host a new key',
  })
  .describe('What returns a host to a known state before its next node.');
export type Reset = z.infer<typeof Reset>;

const credentials = (when: string) => ({
  user: userName.optional().describe(`Who to log in as, ${when}.`),
  'key-file': absolutePath
    .optional()
    .describe(`File with the private key to log in with, ${when}; read when it is needed.`),
  'key-env': variableName
    .optional()
    .describe(`Instead of key-file: variable of the controller's that holds the key, ${when}.`),
});

const Host = z
  .strictObject({
    address: z
      .string()
      .refine((text) => parseAddress(text) !== undefined, 'write host, host:port or [address]:port')
      .describe(
        'Where its SSH server answers: `host`, `host:port` or `[address]:port`; port 22 unless given.',
      ),
    'host-key': z
      .union([publicKey, z.array(publicKey).min(1)])
      .optional()
      .describe('Its public key, or several: `ssh-ed25519 AAAA…`. Another one is refused.'),
    'first-use': z
      .literal(true)
      .optional()
      .describe('Instead of a host-key: the key of the first connection is kept, and another one refused.'),
    ...credentials('instead of that of the cloud'),
    reset: Reset.optional().describe('Instead of that of the cloud, as a whole.'),
  })
  .refine((host) => (host['host-key'] === undefined) !== (host['first-use'] === undefined), {
    path: ['host-key'],
    message: 'give either host-key, or first-use: true to trust the key of the first connection',
  })
  .refine(hasOneKeyAtMost, { path: ['key-file'], message: 'give either key-file or key-env' });
export type Host = z.infer<typeof Host>;

export const SshSettings = z
  .strictObject({
    hosts: z
      .record(hostName, Host)
      .refine((hosts) => Object.keys(hosts).length > 0, 'name one host at least')
      .describe('The machines, by a name of your choice.'),
    ...credentials('unless a host has its own'),
    'agents-dial': z
      .enum(['tunnel', 'public-url'])
      .default('tunnel')
      .describe(
        'How agents reach the controller: through the SSH connection that started them, or by its public-url.',
      ),
    'answer-timeout': asWritten(duration)
      .refine((text) => (duration.safeParse(text).data ?? 0) <= LONGEST_ANSWER_MS, 'at most 25s')
      .default('15s')
      .describe('How long a host may take to answer before it counts as off; 25s at most.'),
    reset: Reset.prefault({}),
  })
  .refine(hasOneKeyAtMost, { path: ['key-file'], message: 'give either key-file or key-env' })
  .superRefine((settings, context) => {
    for (const [name, host] of Object.entries(settings.hosts)) {
      const path = ['hosts', name];
      if ((host.user ?? settings.user) === undefined)
        context.addIssue({
          code: 'custom',
          path,
          message: `host ${name} has no user: give it one, or all hosts`,
        });
      if (!hasKey(host) && !hasKey(settings))
        context.addIssue({
          code: 'custom',
          path,
          message: `host ${name} has no key: give it a key-file or key-env, or all hosts`,
        });
    }
  })
  .describe('Nodes are machines that are there all the time, reached by SSH, one node on each at a time.');
export type SshSettings = z.infer<typeof SshSettings>;

export const SshTemplate = z.strictObject({
  hosts: z.array(hostName).min(1).describe('Names of the hosts that a node of this template may be on.'),
});
export type SshTemplate = z.infer<typeof SshTemplate>;

type Keys = { 'key-file'?: string | undefined; 'key-env'?: string | undefined };

function hasKey(keys: Keys): boolean {
  return keys['key-file'] !== undefined || keys['key-env'] !== undefined;
}

function hasOneKeyAtMost(keys: Keys): boolean {
  return keys['key-file'] === undefined || keys['key-env'] === undefined;
}

function complaintAbout(hostKey: string): FootmanError | undefined {
  try {
    parseHostKey(hostKey);
    return undefined;
  } catch (error) {
    return toFootmanError(error);
  }
}
