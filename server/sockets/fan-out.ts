/**
 * Who hears what. Passes facts and changes of the inbox on to the connections they concern: an operator hears of everybody on
 * their own sites, a visitor's page of its own visitor. There is no third way.
 */
import type { Fact } from '../bus/facts.ts';
import type { Feed } from '../bus/feed.ts';
import type { Inbox, InboxChange } from '../presence/inbox.ts';
import type { Registry } from './registry.ts';

export interface FanOutOptions {
  feed: Pick<Feed, 'subscribe'>;
  inbox: Pick<Inbox, 'subscribe'>;
  registry: Pick<Registry, 'visitors' | 'operators' | 'pagesOf' | 'pageOfTab'>;
}

/** Begins to pass on. Returns what ends it. */
export function startFanOut({ feed, inbox, registry }: FanOutOptions): () => void {
  const { visitors, operators, pagesOf } = registry;

  function hear(fact: Fact): void {
    operators.forEach((operator) => operator.hear(fact));
    if (fact.t === 'mailed') return passMailed(fact);
    if (fact.t === 'shortened') return pagesOf(fact.visitor).forEach((page) => page.send({ t: 'reset', reason: 'retention' }));
    if (fact.t === 'event' || fact.t === 'read') pagesOf(fact.visitor).forEach((page) => page.hear(fact));
  }

  /** To whichever connection the tab has by now, if it is still this visitor's. */
  function passMailed({ site, visitor, tab, uid, success, error }: Extract<Fact, { t: 'mailed' }>): void {
    const page = registry.pageOfTab(site, tab);
    if (page?.identity()?.visitor === visitor) page.send({ t: 'mailed', uid, success, ...(error === undefined ? {} : { error }) });
  }

  function hearInbox(change: InboxChange): void {
    operators.forEach((operator) => operator.hearInbox(change));
    if (change.t === 'person') pagesOf(change.id).forEach((page) => page.refresh());
    if (change.t === 'operators') visitors.forEach((visitor) => visitor.refresh());
  }

  const stopHearing = feed.subscribe(hear);
  const stopHearingInbox = inbox.subscribe(hearInbox);
  return () => {
    stopHearing();
    stopHearingInbox();
  };
}
