import { z } from 'zod';
import { directory, gitArgument } from './fields.ts';
import * as limits from '../limits.ts';

const secretText = z
  .string()
  .max(limits.MAX_VALUE_LENGTH)
  .refine((text) => text.trim() !== '', "it can't be empty");

const fields = z.strictObject({
  repository: gitArgument
    .optional()
    .describe('URL or path of the git repository; without it, the source that the build came with.'),
  ref: gitArgument
    .optional()
    .describe(
      'Branch, tag, commit or full ref; without it, the commit of the build, or the default branch of the repository.',
    ),
  path: directory
    .optional()
    .describe('Directory to check out into, relative to the workspace; without it, the workspace itself.'),
  depth: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('How many commits of history to fetch; without it, all.'),
  submodules: z
    .union([z.boolean(), z.literal('recursive')])
    .default(false)
    .describe('Whether to check out submodules too; `recursive` for theirs as well.'),
  lfs: z.boolean().default(false).describe('Whether to fetch the files that Git LFS keeps.'),
  token: secretText
    .optional()
    .describe('For HTTPS: a token, or user:password, from a secret such as ${{ secrets.GIT_TOKEN }}.'),
  'ssh-key': secretText
    .optional()
    .describe("For SSH: a private key in OpenSSH's format, from a secret such as ${{ secrets.DEPLOY_KEY }}."),
  'known-hosts': secretText
    .optional()
    .describe("For SSH: the lines of known_hosts that the server's key must be among."),
});

const MEANING =
  'Checks out source with git: `true` for the source that the build came with, or a mapping that says what.';

export const checkout = z.union([z.literal(true), fields]).describe(MEANING);

/** Without credentials: what becomes a part of an image must not have come by a secret. */
export const openCheckout = z
  .union([z.literal(true), fields.omit({ token: true, 'ssh-key': true })])
  .describe(MEANING);

export type CheckoutSource = z.output<typeof checkout>;
