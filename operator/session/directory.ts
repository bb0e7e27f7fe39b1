/** What an operator works with besides visitors: the sites, their groups, and the colleagues. The server says all of it. */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { SiteKey } from '../../shared/chat.ts';
import type { OperatorInfo, OperatorServerFrame } from '../../shared/wire/workplace.ts';
import type { GroupInfo, SiteInfo } from './contract.ts';

export interface Directory {
  readonly sites: ReadonlySignal<readonly SiteInfo[]>;
  readonly groups: ReadonlySignal<readonly GroupInfo[]>;
  readonly operators: ReadonlySignal<readonly OperatorInfo[]>;
  site(key: SiteKey): SiteInfo | undefined;
  handleWelcome(welcome: Pick<Extract<OperatorServerFrame, { t: 'welcome' }>, 'sites' | 'groups' | 'operators'>): void;
  handleOperators(operators: readonly OperatorInfo[]): void;
}

export function createDirectory(): Directory {
  const sites = signal<readonly SiteInfo[]>([]);
  const groups = signal<readonly GroupInfo[]>([]);
  const operators = signal<readonly OperatorInfo[]>([]);

  return {
    sites,
    groups,
    operators,
    site: (key) => sites.peek().find((site) => site.key === key),
    handleWelcome(welcome) {
      sites.value = welcome.sites;
      groups.value = welcome.groups;
      operators.value = welcome.operators;
    },
    handleOperators(list) {
      operators.value = list;
    },
  };
}
