import type { BuildView } from './api-client.ts';

/** `line 1` to `line COUNT`, each with its newline. */
export function numberedLines(count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');
}

/** The step of that name, in whichever job it is. */
export function stepNamed(build: BuildView, name: string): BuildView['jobs'][number]['steps'][number] {
  const step = build.jobs.flatMap(({ steps }) => steps).find((one) => one.name === name);
  if (step === undefined) throw new Error(`there is no step ${name}`);
  return step;
}
