import type { Build, Hold, Job } from '#controller/store';
import { plainText } from '../plain-text.ts';
import type { World } from './world.ts';

/** What a shell on a held node prints first. */
export function bannerOf(hold: Hold, build: Build, job: Job, { step, name, denied, problem }: World): string {
  const ending = `${job.result ?? 'unknown'}${job.reason === null ? '' : `: ${job.reason}`}`;
  const lines = [
    `job ${job.key} of build ${build.number} of ${build.pipeline} ended ${ending}`,
    `${heldUntil(hold)}, for ${hold.owner}: ${hold.reason ?? 'no reason given'}`,
  ];
  if (step !== null) lines.push(`this is the world of step ${name}; footman-rerun repeats the step`);
  else lines.push(problem === null ? 'no step of it ran' : `no step can be repeated: ${problem}`);
  if (denied.size > 0) lines.push(`not on a held node, and empty here: ${[...denied.keys()].join(', ')}`);
  return lines.map(plainText).join('\n');
}

function heldUntil({ expires_at: at }: Hold): string {
  if (at === null) return 'its node is held';
  return `its node is held until ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
