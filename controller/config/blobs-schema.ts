import { z } from 'zod';

/** Where objects are kept: `blobs` in footman.yaml. */

const prefix = z
  .string()
  .regex(/^(?:[A-Za-z0-9._-]{1,100}\/)*$/, 'it is folders with a slash after each, such as ci/footman/')
  .default('')
  .describe('Before the name of every object, such as `footman/`.');

const publicEndpoint = z
  .url({ protocol: /^https?$/ })
  .optional()
  .describe('What nodes and people reach it by, where that is another address.');

const fs = z.strictObject({
  kind: z.literal('fs').describe('Files on the disk of the controller.'),
  folder: z
    .string()
    .min(1)
    .optional()
    .describe('Their folder, relative to this file; `blobs` in the data folder if left out.'),
});

const s3 = z.strictObject({
  kind: z.literal('s3').describe('A bucket of Amazon S3, or of anything that speaks its API.'),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Where it is; Amazon's own if left out."),
  region: z.string().min(1).default('us-east-1').describe('Its region.'),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'it is the name of a bucket: 3 to 63 of a-z, 0-9, . and -')
    .describe('The bucket, which must be there.'),
  prefix,
  'path-style': z
    .boolean()
    .optional()
    .describe(
      'Whether the bucket stands in the path of URLs, not in the name of the host; true where there is an `endpoint`.',
    ),
  'access-key-env': z
    .string()
    .min(1)
    .optional()
    .describe('Environment variable that holds the access key; the usual chain of credentials if left out.'),
  'secret-key-env': z.string().min(1).optional().describe('Environment variable that holds its secret.'),
  'session-token-env': z
    .string()
    .min(1)
    .optional()
    .describe('Environment variable that holds a session token, for keys that have one.'),
  encryption: z
    .union([
      z.literal('AES256'),
      z.strictObject({
        'kms-key': z
          .string()
          .min(1)
          .optional()
          .describe('Id or ARN of the key; the own one of the bucket if left out.'),
      }),
    ])
    .optional()
    .describe(
      'What it encrypts objects with: `AES256`, or a mapping for a key of its KMS; its own default if left out.',
    ),
  'public-endpoint': publicEndpoint,
});

const tempauth = z.strictObject({
  kind: z.literal('tempauth').describe("Swift's own: version 1 of the API of logins."),
  url: z.url({ protocol: /^https?$/ }).describe('Where tokens are: `http://storage:8080/auth/v1.0`.'),
  user: z.string().min(1).describe('Account and user: `account:user`.'),
  'key-env': z.string().min(1).describe('Environment variable that holds the key of the user.'),
});

const keystone = z.strictObject({
  kind: z.literal('keystone').describe("OpenStack's login, version 3."),
  url: z.url({ protocol: /^https?$/ }).describe('Where it is: `https://keystone:5000/v3`.'),
  region: z
    .string()
    .min(1)
    .optional()
    .describe('Region of the object store; the first of the catalogue if left out.'),
  interface: z
    .enum(['public', 'internal', 'admin'])
    .default('public')
    .describe("Which of the object store's endpoints is used."),
  user: z.string().min(1).optional().describe('Name of the user.'),
  'user-domain': z.string().min(1).default('Default').describe("Name of the user's domain."),
  project: z.string().min(1).optional().describe('Name of the project.'),
  'project-domain': z.string().min(1).default('Default').describe("Name of the project's domain."),
  'password-env': z
    .string()
    .min(1)
    .optional()
    .describe("Environment variable that holds the user's password."),
  'application-credential': z
    .string()
    .min(1)
    .optional()
    .describe('Id of an application credential, in the place of user, project and password.'),
  'application-secret-env': z
    .string()
    .min(1)
    .optional()
    .describe('Environment variable that holds its secret.'),
});

const swift = z.strictObject({
  kind: z.literal('swift').describe('A container of OpenStack Swift.'),
  auth: z.discriminatedUnion('kind', [tempauth, keystone]).describe('How to log in.'),
  container: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'it has letters, digits, ".", "_" and "-"')
    .describe('The container, made when it is missing.'),
  prefix,
  'url-key-env': z
    .string()
    .min(1)
    .optional()
    .describe(
      'Environment variable that holds the key of its temporary URLs. If left out, the one that the container has, or a new one is set on it.',
    ),
  'public-endpoint': publicEndpoint,
});

export const blobsSection = z
  .discriminatedUnion('kind', [fs, s3, swift])
  .prefault({ kind: 'fs' })
  .describe('Where artifacts, finished logs, caches and sources are kept.');
