import type { Blobs } from '#controller/blobs';
import type { Build, Job, Step } from '#controller/store';
import type { StepInput, StepStart } from '#shared/protocol';
import { SOURCE_INPUT, checkoutScript } from '#controller/checkout';
import type { StepLimits } from './limits.ts';

interface Context {
  build: Build;
  job: Job;
  step: Step;
  nodeId: string;
  blobs: Blobs;
  limits: StepLimits;
}

/** How long a step has to fetch its inputs. */
const INPUT_LINK_MS = 60 * 60_000;

/** The message that starts the step; the same each time it is made, but for the links in it. */
export async function stepStart(context: Context): Promise<StepStart> {
  const { build, job, step, nodeId, limits } = context;
  const { spec } = step;
  const checkout = spec.kind === 'checkout' ? checkoutScript(spec.checkout, build.source) : undefined;
  const script = spec.kind === 'run' ? spec.run : (checkout?.script ?? '');
  return {
    type: 'step.start',
    step: step.id,
    stream: step.position,
    shell: spec.kind === 'run' ? spec.shell : 'sh',
    script,
    env: {
      ...build.definition.env,
      ...job.spec.env,
      ...spec.env,
      ...checkout?.env,
      FOOTMAN_BUILD_ID: build.id,
      FOOTMAN_BUILD_NUMBER: String(build.number),
      FOOTMAN_PIPELINE: build.pipeline,
      FOOTMAN_JOB: job.key,
      FOOTMAN_STEP: String(step.position),
      FOOTMAN_NODE_ID: nodeId,
      ...(build.source === null ? {} : { FOOTMAN_COMMIT: build.source.commit }),
    },
    secrets: [],
    inputs: await inputsOf(context),
    timeoutMs: spec.timeoutMs ?? job.timeout_ms,
    graceMs: limits.graceMs,
    ...(spec.workingDirectory === undefined ? {} : { workingDirectory: spec.workingDirectory }),
    logLimit: limits.logBytes,
  };
}

async function inputsOf({ build, step, blobs }: Context): Promise<StepInput[]> {
  const { spec } = step;
  if (spec.kind !== 'checkout' || spec.checkout.repository !== undefined || build.source === null) return [];
  const { blob, bytes, sha256 } = build.source;
  const request = await blobs.presign({ method: 'GET', key: blob, expiresIn: INPUT_LINK_MS });
  return [{ name: SOURCE_INPUT, request, bytes, sha256 }];
}
