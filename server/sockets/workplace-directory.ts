/**
 * One workplace's view of its sites, their groups and its colleagues. The welcome carries all of it. Later a workplace
 * hears of colleagues, and of its own status, only when they differ from the last version sent to it.
 */
import type { OperatorInfo, OperatorServerFrame } from '../../shared/wire/workplace.ts';
import type { Directory } from '../presence/directory.ts';
import type { Inbox } from '../presence/inbox.ts';
import type { OperatorIdentity } from './identity.ts';

type Welcome = Extract<OperatorServerFrame, { t: 'welcome' }>;

/** Tells a workplace of sites, groups and operators. */
export interface WorkplaceDirectory {
  /** What the welcome says. */
  begin(me: OperatorIdentity): Pick<Welcome, 'sites' | 'groups' | 'operators'> & { isOnline: boolean };
  /** Sends what differs of the colleagues, and of the operator's own status. */
  refresh(me: OperatorIdentity): void;
  /** The operator has said whether they are online. */
  setOnline(me: OperatorIdentity, isOnline: boolean): void;
  /** Whether the sites and groups are still what the welcome said. */
  isAsTold(me: OperatorIdentity): boolean;
}

export interface WorkplaceDirectoryOptions {
  directory: Pick<Directory, 'sitesOf' | 'groups' | 'operators'>;
  inbox: Pick<Inbox, 'isOnline' | 'setOnline'>;
  send: (frame: OperatorServerFrame) => void;
}

export function createWorkplaceDirectory({ directory, inbox, send }: WorkplaceDirectoryOptions): WorkplaceDirectory {
  let sentSites = '';
  let sentOperators = '';
  let sentOnline = false;

  function sitesOf({ operator }: OperatorIdentity): Pick<Welcome, 'sites' | 'groups'> {
    const served = directory.sitesOf(operator);
    return {
      sites: served.map(({ key, name, settings }) => ({
        key,
        name,
        isTypingPreview: settings.chat.is_typing_preview,
        isRating: settings.chat.is_consultant_operator_rating,
        repeatSeconds: settings.alert.repeat_seconds,
      })),
      groups: served.flatMap((site) => directory.groups(site.key).map(({ id, name }) => ({ site: site.key, id, name }))),
    };
  }

  /** The operator, and everybody who shares a site with them. */
  function colleaguesOf({ operator: own, sites }: OperatorIdentity): OperatorInfo[] {
    const infos = directory.operators().map((operator) => ({
      id: operator.id,
      name: operator.card.name,
      isOnline: inbox.isOnline(operator.id),
      sites: directory.sitesOf(operator).map((site) => site.key),
    }));
    return infos.filter((info) => info.id === own.id || info.sites.some((site) => sites.has(site)));
  }

  return {
    begin(me) {
      const told = sitesOf(me);
      const operators = colleaguesOf(me);
      sentSites = JSON.stringify(told);
      sentOperators = JSON.stringify(operators);
      sentOnline = inbox.isOnline(me.operator.id);
      return { ...told, operators, isOnline: sentOnline };
    },
    refresh(me) {
      const operators = colleaguesOf(me);
      const text = JSON.stringify(operators);
      if (text !== sentOperators) send({ t: 'operators', operators });
      sentOperators = text;
      const isOnline = inbox.isOnline(me.operator.id);
      if (isOnline !== sentOnline) send({ t: 'self', isOnline });
      sentOnline = isOnline;
    },
    setOnline({ operator }, isOnline) {
      inbox.setOnline(operator.id, isOnline);
      sentOnline = isOnline;
      send({ t: 'self', isOnline });
    },
    isAsTold: (me) => JSON.stringify(sitesOf(me)) === sentSites,
  };
}
