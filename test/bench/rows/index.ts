import type { Row } from '../row.ts';
import { bigLog } from './big-log.ts';
import { deferredTeardown } from './deferred-teardown.ts';
import { firstOutput } from './first-output.ts';
import { freshContainer } from './fresh-container.ts';
import { idleAgents } from './idle-agents.ts';
import { idle } from './idle.ts';
import { planning } from './planning.ts';
import { preparedImage } from './prepared-image.ts';
import { readyNode } from './ready-node.ts';
import { refusals } from './refusals.ts';
import { storedFiles } from './stored-files.ts';
import { throughput } from './throughput.ts';
import { virtualMachine } from './virtual-machine.ts';

export const ROWS: readonly Row[] = [
  readyNode,
  freshContainer,
  throughput,
  bigLog,
  firstOutput,
  idle,
  idleAgents,
  refusals,
  deferredTeardown,
  planning,
  virtualMachine,
  preparedImage,
  storedFiles,
];
