import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours for people who want them. */
export interface Style {
  readonly colours: boolean;
  paint(format: Format, text: string): string;
}

export function createStyle(colours: boolean): Style {
  return {
    colours,
    paint: (format, text) => (colours ? styleText(format, text, { validateStream: false }) : text),
  };
}

interface Wish {
  /** False for `--no-color`. */
  option: boolean;
  env: NodeJS.ProcessEnv;
  isTerminal: boolean;
}

/** https://no-color.org and https://force-color.org; the option wins over both. */
export function wantsColours({ option, env, isTerminal }: Wish): boolean {
  if (!option) return false;
  if (isSet(env['NO_COLOR'])) return false;
  if (isSet(env['FORCE_COLOR'])) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
