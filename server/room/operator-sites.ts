/** Which sites an operator serves. */
import type { SiteKey } from '../../shared/chat.ts';
import type { Operator } from '../store/operators.ts';
import type { Sites } from '../store/queries.ts';

/** Whether this operator serves this site now. */
export function serves(operator: Operator, site: SiteKey): boolean {
  return !operator.isRevoked && (operator.sites.length === 0 || operator.sites.includes(site));
}

/** All of them. A named site may not exist any more. */
export function sitesOf({ isRevoked, sites }: Operator): Sites {
  return isRevoked ? [] : sites.length === 0 ? 'all' : sites;
}
