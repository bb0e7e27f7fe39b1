/**
 * The directory: sites, groups and operators as they are now. They are kept in memory, because every connection asks for them.
 * The store has the truth, and `reload` reads it anew after a change.
 */
import type { OperatorId, SiteKey } from '../../shared/chat.ts';
import type { SiteSettings } from '../../shared/settings.ts';
import type { Operator } from '../store/operators.ts';
import type { Group, Site } from '../store/sites.ts';
import type { Reader } from '../store/store.ts';

/** Sites, groups and operators. */
export interface Directory {
  /** An open site: it exists and has an origin. Its settings list its groups. */
  site(key: SiteKey): Site | undefined;
  groups(site: SiteKey): readonly Group[];
  operator(id: OperatorId): Operator | undefined;
  /** All who have not been revoked. */
  operators(): readonly Operator[];
  /** The sites an operator serves. */
  sitesOf(operator: Operator): Site[];
  reload(): Promise<void>;
}

export function createDirectory(store: Reader): Directory {
  let sites = new Map<SiteKey, Site>();
  let groups = new Map<SiteKey, Group[]>();
  let operators = new Map<OperatorId, Operator>();

  return {
    site(key) {
      const site = sites.get(key);
      return site !== undefined && site.origins.length > 0 ? site : undefined;
    },
    groups: (site) => groups.get(site) ?? [],
    operator: (id) => operators.get(id),
    operators: () => [...operators.values()],
    sitesOf: (operator) => [...sites.values()].filter((site) => operator.sites.length === 0 || operator.sites.includes(site.key)),
    async reload() {
      const stored = await store.sites();
      groups = new Map(await Promise.all(stored.map(async (site) => [site.key, await store.groups(site.key)] as const)));
      sites = new Map(stored.map((site) => [site.key, { ...site, settings: withGroups(site.settings, groups.get(site.key) ?? []) }]));
      operators = new Map((await store.operators()).filter((operator) => !operator.isRevoked).map((operator) => [operator.id, operator]));
    },
  };
}

/** The settings with the site's groups in the places where a client looks for them. */
export function withGroups(settings: SiteSettings, groups: readonly Group[]): SiteSettings {
  const allowed_groups = groups.map(({ id, name }) => ({ id, name }));
  return {
    ...settings,
    chat: { ...settings.chat, allowed_groups },
    offline_message: { ...settings.offline_message, allowed_groups },
  };
}
