/** Which sites an operator serves. */
import type { SiteKey } from '../../shared/chat.ts';
import type { Operator } from '../store/operators.ts';
import type { Reader } from '../store/store.ts';

/** Whether this operator serves this site now. */
export function serves(operator: Operator, site: SiteKey): boolean {
  return !operator.isRevoked && (operator.sites.length === 0 || operator.sites.includes(site));
}

/** The keys of the sites an operator serves. A named site may not exist any more. Read with every command. */
export async function sitesOf(reader: Pick<Reader, 'siteKeys'>, operator: Operator): Promise<SiteKey[]> {
  const keys = operator.sites.length > 0 ? operator.sites : await reader.siteKeys();
  return keys.filter((key) => serves(operator, key));
}
