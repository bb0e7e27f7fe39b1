/** Whether somebody is there to answer; nothing is claimed before the server has said so, nor while there is no connection. */
import type { ViewModel } from '../contract.ts';

export function presenceOf({ session, isDisconnected }: ViewModel): 'online' | 'away' | null {
  if (session.isAvailable.value) return isDisconnected.value ? null : 'online';
  return session.connection.value === 'online' ? 'away' : null;
}
