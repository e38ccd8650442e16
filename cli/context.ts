import { createOutput, createStyle, wantsColours, type Output, type Style } from './terminal/index.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  config?: string;
  data?: string;
  controller?: string;
  json?: boolean;
  /** False for `--no-color`. */
  color: boolean;
}

/** What a command lives in. */
export interface Context {
  out: Output;
  err: Output;
  env: NodeJS.ProcessEnv;
  style: Style;
  /** Style for `err`, which may go elsewhere. */
  errStyle: Style;
  options: GlobalOptions;
}

export function createContext(options: GlobalOptions): Context {
  const { env } = process;
  const out = createOutput(process.stdout);
  const err = createOutput(process.stderr);
  const styleFor = ({ isTerminal }: Output): Style =>
    createStyle(wantsColours({ option: options.color, env, isTerminal }));
  return { out, err, env, style: styleFor(out), errStyle: styleFor(err), options };
}

/** Prints a value as the one JSON document of this command. */
export async function printJson({ out }: Context, value: unknown): Promise<void> {
  await out.write(`${JSON.stringify(value, undefined, out.isTerminal ? 2 : undefined)}\n`);
}
