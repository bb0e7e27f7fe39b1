/**
 * Facts: what the server has said of this visitor and this site. Only the session writes them.
 */
import type { ClientTiming, VisitorRegister } from '../../shared/wire/protocol.ts';
import type { Settings } from '../../shared/settings.ts';

export interface Facts {
  register: VisitorRegister;
  settings: Settings;
  timing: ClientTiming;
  visitorId: string | null;
  sessionId: string | null;
  /** Why the page shows less than before. */
  lost: 'retention' | 'epoch' | null;
}

/** The register of a visitor whom the server does not know. */
export const NOBODY: VisitorRegister = { card: {}, requiredInfo: [], invite: null, isAvailable: false };
