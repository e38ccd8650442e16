import type { Inspected, Labels } from '../engine.ts';
import type { ImageConfig } from '../engine-images.ts';
import { CONTROLLER_LABEL, IMAGE_LABEL, NODE_LABEL, OWNER_LABEL } from '../names.ts';

/**
 * What containers of the captured image are to get: what they get of the image that the node was made from, and nothing of the node's own.
 * An engine takes from the container whatever is left out here, so all that is to go stands here.
 */
export function imageConfig(
  container: Inspected,
  base: ImageConfig | undefined,
  labels: Labels,
): Record<string, unknown> {
  return {
    ...base,
    Entrypoint: base?.Entrypoint ?? [],
    Cmd: base?.Cmd ?? [],
    WorkingDir: base?.WorkingDir || '/',
    User: base?.User || (container.user === '' ? '' : '0'),
    Env: environment(container.environment, base?.Env ?? []),
    Labels: { ...base?.Labels, [CONTROLLER_LABEL]: '', [NODE_LABEL]: '', ...labels },
  };
}

export function imageLabels(controllerId: string, name: string): Labels {
  return { [IMAGE_LABEL]: name, [OWNER_LABEL]: controllerId };
}

/** A name without a value takes the variable away. */
function environment(containers: readonly string[], bases: readonly string[]): string[] {
  const known = new Set(bases.map(nameOf));
  return [...bases, ...containers.map(nameOf).filter((name) => !known.has(name))];
}

function nameOf(variable: string): string {
  return variable.split('=', 1)[0] ?? '';
}
