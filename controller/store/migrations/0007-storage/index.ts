import type { Migration } from '../migration.ts';
import { artifactStatements } from './artifacts.ts';
import { logStatements } from './logs.ts';
import { queryStatements } from './queries.ts';
import { retentionStatements } from './retention.ts';
import { testStatements } from './tests.ts';

/** Artifacts in archives and in parts, logs in the storage, results of tests, and what is kept for how long. */
export const storage: Migration = {
  number: 7,
  name: 'storage',
  // An older binary knows neither nodes that wait for their uploads, nor logs that are elsewhere.
  breaking: true,
  statements: (dialect) => [
    ...artifactStatements(dialect),
    ...logStatements(dialect),
    ...testStatements(dialect),
    ...retentionStatements(dialect),
    ...queryStatements(dialect),
  ],
};
