/**
 * The first data of a new installation, so that `npm start` on an empty machine gives a chat that somebody can answer: the first
 * operator, and the site of the demonstration shop while there is one. It runs at every start and leaves existing data unchanged.
 */
import { parseSettings } from '../../shared/settings.ts';
import type { Config } from '../config.ts';
import { randomId } from '../base/ids.ts';
import { generatePassword, hashPassword } from '../auth/password.ts';
import { INSTALLATION_LOCK, siteLock } from '../store/locks.ts';
import type { Store, Transaction } from '../store/store.ts';

const DEMO_SITE = 'demo';

export interface Seeded {
  /** The generated password of the first operator, to be shown once; absent if nothing was generated. */
  password?: string;
}

type SeedConfig = Pick<Config, 'demoPort' | 'operatorEmail' | 'operatorName' | 'operatorPassword'>;

export async function seedStore(store: Store, config: SeedConfig): Promise<Seeded> {
  if (config.demoPort !== 0) await store.transact([siteLock(DEMO_SITE)], (tx) => seedDemo(tx, config.demoPort));
  const operators = await store.operators();
  if (operators.length > 0) return {};
  const password = config.operatorPassword ?? generatePassword();
  const passwordHash = await hashPassword(password);
  const isFirst = await store.transact([INSTALLATION_LOCK], async (tx) => {
    // Another server on the same database may have been quicker.
    if ((await tx.operators()).length > 0) return false;
    await tx.saveOperator({
      id: randomId(),
      email: config.operatorEmail,
      card: { name: config.operatorName, position: 'Consultant', avatar: null },
      sites: [],
      groups: [],
      passwordHash,
      isRevoked: false,
    });
    return true;
  });
  return isFirst && config.operatorPassword === null ? { password } : {};
}

/** The shop is at home on two origins of its port, and on those of a port it had before. */
async function seedDemo(tx: Transaction, port: number): Promise<void> {
  const needed = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  const site = await tx.site(DEMO_SITE);
  if (site !== undefined) {
    const missing = needed.filter((origin) => !site.origins.includes(origin));
    if (missing.length > 0) await tx.saveSite({ ...site, origins: [...site.origins, ...missing] });
    return;
  }
  const settings = parseSettings({ chat: { title: 'Ask a roaster' }, common: { company: 'Low Tide Coffee', banner_color: '#0d5c63' } });
  await tx.saveSite({ key: DEMO_SITE, name: 'Demo shop', origins: needed, settings });
  await tx.saveGroup({ site: DEMO_SITE, id: 'sales', name: 'Sales' });
  await tx.saveGroup({ site: DEMO_SITE, id: 'support', name: 'Support' });
}
