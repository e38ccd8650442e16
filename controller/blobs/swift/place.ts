import type { Account } from './account.ts';
import type { Container } from './container.ts';
import type { Names } from './names.ts';

/** Where objects are, and how they are named there. */
export interface Place {
  account: Account;
  container: Container;
  names: Names;
  idleTimeout: number;
}
