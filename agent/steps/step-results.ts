import { messageOf } from '#shared/errors';
import { MAX_OUTPUTS, MAX_OUTPUT_LENGTH } from '#shared/protocol';
import { readResultFile, type StepFiles } from './step-files.ts';
import { parseVariables, type Variables } from './variables-file.ts';

/** What a step left for others. */
export interface StepResults {
  /** For the controller: what later steps and jobs can refer to. */
  outputs: Record<string, string>;
  /** For the environment of later steps. */
  environment: Record<string, string>;
  /** To be put before the PATH of later steps, the first one first. */
  path: string[];
  /** What could not be read, as sentences for the step's log. */
  problems: string[];
}

const MAX_NAME_LENGTH = 256;
/** All outputs together, as JSON: they travel in one control message. */
const MAX_OUTPUTS_BYTES = 768 * 1024;

/** Reads a step's result files. What is wrong in them is told and left out; it never changes how the step ended. */
export function readStepResults(files: StepFiles): StepResults {
  const problems: string[] = [];
  const outputs = limitOutputs(read('FOOTMAN_OUTPUT', files.outputs), problems);
  const environment = limitNames(read('FOOTMAN_ENV', files.environment), problems);
  const path = lines('FOOTMAN_PATH', files.path);
  return { outputs, environment, path, problems };

  function read(variable: string, file: string): Variables['values'] {
    const parsed = parseVariables(textOf(variable, file));
    problems.push(...parsed.problems.map((problem) => `${variable}, ${problem}`));
    return parsed.values;
  }

  /** A later line comes before an earlier one, as if each had been prepended by itself. */
  function lines(variable: string, file: string): string[] {
    return textOf(variable, file)
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.includes('\0'))
      .toReversed();
  }

  function textOf(variable: string, file: string): string {
    try {
      return readResultFile(file);
    } catch (error) {
      problems.push(`${variable} can't be read: ${messageOf(error)}`);
      return '';
    }
  }
}

function limitOutputs(values: Variables['values'], problems: string[]): Variables['values'] {
  const kept: Variables['values'] = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(values)) {
    bytes += Buffer.byteLength(JSON.stringify([name, value]));
    const excess = excessOf(name, value, Object.keys(kept).length, bytes);
    if (excess === undefined) kept[name] = value;
    else problems.push(`FOOTMAN_OUTPUT: ${name} is left out: ${excess}`);
  }
  return kept;
}

function excessOf(name: string, value: string, count: number, bytes: number): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return `a name may have ${MAX_NAME_LENGTH} characters`;
  if (value.length > MAX_OUTPUT_LENGTH) return `a value may have ${MAX_OUTPUT_LENGTH} characters`;
  if (count >= MAX_OUTPUTS) return `a step may have ${MAX_OUTPUTS} outputs`;
  if (bytes > MAX_OUTPUTS_BYTES) return `all outputs together may have ${MAX_OUTPUTS_BYTES} bytes`;
  return undefined;
}

/** A hyphen is fine in an output's name and no part of a variable's; what Footman sets says what Footman says. */
function limitNames(values: Variables['values'], problems: string[]): Variables['values'] {
  const kept: Variables['values'] = {};
  for (const [name, value] of Object.entries(values)) {
    if (name.includes('-'))
      problems.push(`FOOTMAN_ENV: ${name} is no name of a variable; use letters, digits and _`);
    else if (name.startsWith('FOOTMAN_'))
      problems.push(`FOOTMAN_ENV: ${name} is left out: what begins with FOOTMAN_ is set by Footman alone`);
    else kept[name] = value;
  }
  return kept;
}
