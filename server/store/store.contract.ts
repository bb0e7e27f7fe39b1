/**
 * What every store does, whatever database stands behind it, one contract a noun. `sqlite.test.ts` and `postgres.test.ts`
 * run them.
 */
import { describe } from 'vitest';
import type { OpenStore } from '../testing/store-world.ts';
import { chatsContract } from './chats.contract.ts';
import { commandsContract } from './commands.contract.ts';
import { eventsContract } from './events.contract.ts';
import { filesContract } from './files.contract.ts';
import { historyContract } from './history.contract.ts';
import { identitiesContract } from './identities.contract.ts';
import { jobsContract } from './jobs.contract.ts';
import { operatorsContract } from './operators.contract.ts';
import { quotasContract } from './quotas.contract.ts';
import { requestsContract } from './requests.contract.ts';
import { retentionContract } from './retention.contract.ts';
import { sessionsContract } from './sessions.contract.ts';
import { sitesContract } from './sites.contract.ts';
import { transactionsContract } from './transactions.contract.ts';
import { twoStoresContract } from './two-stores.contract.ts';
import { visitorsContract } from './visitors.contract.ts';

const CONTRACTS = [
  sitesContract,
  operatorsContract,
  sessionsContract,
  identitiesContract,
  visitorsContract,
  chatsContract,
  eventsContract,
  historyContract,
  commandsContract,
  filesContract,
  requestsContract,
  jobsContract,
  quotasContract,
  retentionContract,
  transactionsContract,
  twoStoresContract,
];

export function storeContract(name: string, open: OpenStore): void {
  describe(name, () => {
    for (const contract of CONTRACTS) contract(open);
  });
}
