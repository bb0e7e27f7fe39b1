/** Who a connection speaks for once its hello was accepted. Messages never say who they are from; the connection does. */
import type { SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { Operator } from '../store/operators.ts';

/** One page of a visitor. */
export interface VisitorIdentity {
  site: SiteKey;
  tab: string;
  /** `null` until the visitor has acted. */
  visitor: VisitorId | null;
  session: string | null;
  /** The end of the session as we last heard it; `null` without a session. */
  endsAt: UnixSeconds | null;
  /** The visitor, else the anonymous page. */
  presence: VisitorId;
}

/** One workplace of an operator. */
export interface OperatorIdentity {
  operator: Operator;
  session: string;
  endsAt: UnixSeconds;
  tab: string;
  /** Keys of the sites this operator serves. */
  sites: ReadonlySet<SiteKey>;
}
