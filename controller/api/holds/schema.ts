import { z } from 'zod';
import { Id, NodeState, Period, Reason, Result, Time, VersionState } from '../http/fields.ts';

export const HoldParams = z.strictObject({ hold: Id });
export const HoldKeyParams = HoldParams.extend({ key: Id });
export const HoldSessionParams = HoldParams.extend({ session: Id });

const Owner = z.string().min(1).max(256);

/** Longer lines are no public keys. */
const MAX_KEY = 16 * 1024;
const MOST_KEYS = 20;

export const KeyLine = z
  .string()
  .min(1)
  .max(MAX_KEY)
  .meta({ description: 'A public key of OpenSSH, as one line: `ssh-ed25519 AAAA… comment`.' });

export const Keys = z.array(KeyLine).max(MOST_KEYS).meta({
  description: "Public keys as lines, and `@name` for those of a profile; the owner's own are let in anyway.",
});

/** How a node is wanted to be held. */
export const holding = {
  for: Period.optional().meta({ description: "Such as `4h`; the configuration's default if left out." }),
  reason: Reason.optional(),
  keys: Keys.default([]),
};

export const NewHold = z
  .strictObject({ job: Id.meta({ description: 'One that has not ended.' }), ...holding })
  .meta({ id: 'NewHold' });
export type NewHold = z.input<typeof NewHold>;

export const Resumption = z.strictObject(holding).meta({ id: 'HoldResumption' });
export type Resumption = z.input<typeof Resumption>;

export const Extension = z
  .strictObject({ for: Period.meta({ description: 'From now on, such as `2h`; never beyond `latestAt`.' }) })
  .meta({ id: 'HoldExtension' });

/** Names of accounts, as useradd takes them. */
const Login = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'is no name of an account')
  .meta({ description: "The account whose authorized_keys it is put into; the agent's own if left out." });

export const NewHoldKey = z
  .strictObject({ key: KeyLine, login: Login.optional() })
  .meta({ id: 'NewHoldKey' });
export type NewHoldKey = z.input<typeof NewHoldKey>;

export const HoldKey = z
  .object({
    id: Id,
    fingerprint: z.string().meta({ description: '`SHA256:…`, as `ssh-keygen -l` tells it.' }),
    comment: z.string(),
    login: z.string().nullable(),
    addedBy: z.string(),
    addedAt: Time,
    revokedBy: z.string().nullable(),
    revokedAt: Time.nullable(),
    placed: z
      .object({
        user: z.string().nullable().meta({ description: 'The account.' }),
        problem: z.string().nullable().meta({ description: 'Why it stands in no file of the node.' }),
      })
      .nullable()
      .meta({ description: 'What became of it on the node; null until its agent has told.' }),
  })
  .meta({ id: 'HoldKey' });
export type HoldKey = z.infer<typeof HoldKey>;

export const HoldKeyList = z.object({ keys: z.array(HoldKey) }).meta({ id: 'HoldKeyList' });
export type HoldKeyList = z.infer<typeof HoldKeyList>;

const HoldState = z.enum(['held', 'released', 'expired']);

export const Hold = z
  .object({
    id: Id,
    state: HoldState,
    owner: z.string(),
    origin: z
      .enum(['pipeline', 'request', 'autohold', 'rerun', 'resume'])
      .meta({ description: 'What asked for it.' }),
    reason: z.string().nullable(),
    outcome: z.string().nullable().meta({ description: 'How it ended: a sentence without its subject.' }),
    node: z.object({
      id: Id,
      cloud: z.string(),
      template: z.string(),
      state: NodeState,
      connected: z.boolean(),
      trouble: z.string().nullable().meta({
        description:
          'Why its agent is not connected, as far as its cloud has told: "its machine was powered off".',
      }),
    }),
    build: z.object({ id: Id, number: z.int().positive(), pipeline: z.string() }),
    job: z.object({ id: Id, key: z.string(), result: Result.nullable() }),
    admitted: z.boolean().meta({ description: 'Found within the limits; nobody gets in before.' }),
    expiresAt: Time.nullable(),
    latestAt: Time.nullable().meta({ description: 'No extension goes beyond.' }),
    usedAt: Time.nullable().meta({ description: 'When somebody last did something on the node.' }),
    createdAt: Time,
    endedAt: Time.nullable(),
    keys: z.array(HoldKey),
    access: z
      .object({
        bastion: z.string().nullable().meta({ description: 'The `ssh` command line over the controller.' }),
        direct: z
          .array(z.string())
          .meta({ description: 'Such command lines where the node itself runs an sshd.' }),
      })
      .meta({ description: 'Ways in, while it is held.' }),
    snapshot: z
      .object({ stream: z.string(), version: z.string(), state: VersionState })
      .nullable()
      .meta({ description: 'The version that its machine is, or is being, captured as.' }),
    resumes: Id.nullable().meta({ description: 'The hold whose captured machine this one is.' }),
  })
  .meta({ id: 'Hold' });
export type Hold = z.infer<typeof Hold>;

export const HoldList = z.object({ holds: z.array(Hold) }).meta({ id: 'HoldList' });
export type HoldList = z.infer<typeof HoldList>;

export const HoldQuery = z.strictObject({
  state: z
    .enum(['live', 'all'])
    .default('live')
    .meta({ description: '`all`: also those that ended; the newest 200.' }),
  owner: Owner.optional(),
  job: Id.optional(),
});

export const HoldSession = z
  .object({
    id: Id,
    kind: z.enum(['shell', 'exec', 'sftp', 'forward']),
    who: z.string().meta({ description: 'Fingerprint of a key, or the name of a token.' }),
    peer: z.string().nullable().meta({ description: 'Address that it came from.' }),
    detail: z.string().nullable().meta({ description: 'The command, or where a forwarding goes.' }),
    startedAt: Time,
    endedAt: Time.nullable(),
    recordedBytes: z.int().nullable().meta({ description: 'Of its recording; null where there is none.' }),
  })
  .meta({ id: 'HoldSession' });
export type HoldSession = z.infer<typeof HoldSession>;

export const HoldSessionList = z.object({ sessions: z.array(HoldSession) }).meta({ id: 'HoldSessionList' });
export type HoldSessionList = z.infer<typeof HoldSessionList>;
