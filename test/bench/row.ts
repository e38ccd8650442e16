import type { BenchController } from './controller/controller.ts';

/** One promise about speed or size, and how it is measured. */
export interface Row {
  /** For `--only`, and in the report. */
  number: number;
  title: string;
  /** What exactly is measured, for the report; Markdown. */
  explanation: string;
  /** What others reached on the same kind of machine. */
  peers?: string;
  measure(bench: Bench): Promise<Result[]>;
}

export interface Bench {
  /** Fewer samples, for trying out. */
  quick: boolean;
  /** A folder of the run's own, removed at its end. */
  folder: string;
  /** Starts `footman serve` with these clouds (YAML); it is stopped when it is disposed of. */
  startController(clouds: string, options?: ControllerOptions): Promise<BenchController>;
}

export interface ControllerOptions {
  /** A new one by default. */
  folder?: string;
  /** When used nodes are removed (YAML), for rows to which that matters. */
  teardown?: string;
  /** Further sections of its configuration (YAML), and what they take from the environment. */
  sections?: string;
  environment?: NodeJS.ProcessEnv;
}

export type Result = Measurement | Skip | Failure;

export type Unit = 'ms' | '%' | '/min' | 'MiB' | 'KiB';

/** Samples of Footman and, where there is one, of the floor: the least that the machine needs for it, measured in the same run. */
export interface Measurement {
  name: string;
  unit: Unit;
  subject: readonly number[];
  floor: { what: string; samples: readonly number[] } | null;
  /** Null for what is there to be compared with. */
  target: Target | null;
}

/** `ratio-below` compares the medians of subject and floor. */
export interface Target {
  kind: 'below' | 'above' | 'ratio-below';
  value: number;
}

export interface Skip {
  name: string;
  /** Why it can't be measured here. */
  skipped: string;
}

export interface Failure {
  name: string;
  failed: unknown;
}
