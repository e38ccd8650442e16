import { integer } from './dialect.ts';
import type { Migration } from './migration.ts';

/** Boots of nodes, and labels that templates have from what their nodes told. */
export const machines: Migration = {
  number: 4,
  name: 'machines',
  // An older binary would take a node that is being rebooted for lost.
  breaking: true,
  statements: (dialect) => [
    `alter table nodes add column boot text`,
    `alter table nodes add column reboot_due_at ${integer(dialect)}`,
    `create index nodes_rebooting on nodes (reboot_due_at) where reboot_due_at is not null`,
    `create table template_labels (
      cloud text not null,
      template text not null,
      digest text not null,
      labels text not null,
      primary key (cloud, template)
    )`,
  ],
};
