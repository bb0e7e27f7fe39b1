/** What every store does with operators. */
import { describe, expect, it } from 'vitest';
import { operator, useStore, type OpenStore } from '../testing/store-world.ts';
import type { Operator } from './operators.ts';

export function operatorsContract(open: OpenStore): void {
  describe('operators', () => {
    const world = useStore(open);

    it('keeps an e-mail for one operator, however it is written', async () => {
      await world.store.transact([], (tx) => tx.saveOperator(operator('ann', 'Ann@Example.com')));
      await expect(world.store.transact([], (tx) => tx.saveOperator(operator('bea', 'ann@example.com')))).rejects.toMatchObject({
        code: 'already_taken',
      });
      const changed: Operator = { ...operator('ann'), sites: ['shop'], groups: ['shop/sales'], isRevoked: true, passwordHash: 'new' };
      await world.store.transact([], (tx) => tx.saveOperator(changed));
      expect(await world.store.operatorByEmail('ANN@example.COM')).toEqual(changed);
      expect(await world.store.operator('ann')).toEqual(changed);
      expect(await world.store.operator('bea')).toBeUndefined();
      expect(await world.store.operators()).toEqual([changed]);
    });
  });
}
