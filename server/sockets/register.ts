/**
 * One page's view of its site and its visitor: the settings, and the register (card, invitation, availability). The welcome
 * carries both whole; later the page hears of them only when they differ from the last version sent to it.
 */
import { CARD_FIELDS } from '../../shared/chat.ts';
import type { Language } from '../../shared/languages/languages.ts';
import type { Settings } from '../../shared/settings.ts';
import type { VisitorRegister, VisitorServerFrame } from '../../shared/wire/protocol.ts';
import type { AnswerTimes } from '../presence/answer-times.ts';
import type { Directory } from '../presence/directory.ts';
import type { Inbox } from '../presence/inbox.ts';
import type { Site } from '../store/sites.ts';
import { settingsIn, siteLanguage } from '../words/settings-in.ts';
import type { VisitorIdentity } from './identity.ts';

/** So many operators are shown to somebody who has no chat yet. */
const FACES = 3;

/** Sends a page its settings and its register. */
export interface RegisterSender {
  /** What the welcome says. `undefined`: the site has closed in the meantime. */
  begin(me: VisitorIdentity): { settings: Settings; register: VisitorRegister } | undefined;
  /** Sends the register if it differs from what was sent last. */
  refresh(): void;
  /**
   * The same before an event is sent. A page that hears of a chat's beginning or end may ask at once whether anybody is there.
   * The invitation stays as last sent: it ends with the event, and must not end before it.
   */
  refreshAhead(): void;
  /** Sends the settings if they differ from what was sent last, and the register that follows from them. */
  refreshSettings(): void;
}

export interface RegisterSenderOptions {
  directory: Pick<Directory, 'site'>;
  inbox: Pick<Inbox, 'person' | 'item' | 'isAvailable' | 'facesAt'>;
  answerTimes: Pick<AnswerTimes, 'of'>;
  /** Whose page it is; `undefined` until it was welcomed. */
  me: () => VisitorIdentity | undefined;
  /** What the page speaks with the visitor; `undefined` where it has not said so. */
  language: () => Language | undefined;
  send: (frame: VisitorServerFrame) => void;
}

export function createRegisterSender({ directory, inbox, answerTimes, me: whoIs, language, send }: RegisterSenderOptions): RegisterSender {
  let sentRegister: VisitorRegister | undefined;
  let sentSettings = '';

  const settingsOf = (site: Site): Settings => settingsIn(site.settings, language() ?? siteLanguage(site.settings));

  /** Is asked for at every event and needs no texts, so it reads the site's settings as they are. */
  const registerOf = ({ site, presence }: VisitorIdentity, { settings: { chat } }: Site): VisitorRegister => {
    const person = inbox.person(presence);
    const card = person?.card ?? {};
    const required = new Set((chat.fields ?? []).filter((field) => field.is_required).map((field) => field.name));
    return {
      card,
      requiredInfo: CARD_FIELDS.filter((field) => required.has(field) && (card[field] ?? '').length === 0),
      invite: withoutOperator(person?.invite ?? null),
      ...(inbox.item(presence)?.operator?.isAway === true && { isAway: true }),
      isAvailable: inbox.isAvailable(site, person?.chat?.group ?? null),
      team: { faces: chat.is_team_shown ? inbox.facesAt(site, FACES) : [], answerMinutes: answerTimes.of(site) },
    };
  };

  const now = (): VisitorRegister | undefined => {
    const me = whoIs();
    const site = me && directory.site(me.site);
    return me && site && registerOf(me, site);
  };

  const sendRegister = (register: VisitorRegister): void => {
    if (JSON.stringify(register) === JSON.stringify(sentRegister)) return;
    sentRegister = register;
    send({ t: 'register', register });
  };

  const refresh = (): void => {
    const register = now();
    if (register !== undefined) sendRegister(register);
  };

  return {
    begin(me) {
      const site = directory.site(me.site);
      if (site === undefined) return undefined;
      const settings = settingsOf(site);
      const register = registerOf(me, site);
      sentSettings = JSON.stringify(settings);
      sentRegister = register;
      return { settings, register };
    },
    refresh,
    refreshAhead() {
      const register = sentRegister === undefined ? undefined : now();
      if (register !== undefined && sentRegister !== undefined) sendRegister({ ...register, invite: sentRegister.invite });
    },
    refreshSettings() {
      const me = whoIs();
      const site = me && directory.site(me.site);
      if (site === undefined) return;
      const settings = settingsOf(site);
      const text = JSON.stringify(settings);
      if (text !== sentSettings) send({ t: 'settings', settings });
      sentSettings = text;
      refresh();
    },
  };
}

/** Visitors see an operator's card, never which account wrote an invitation. */
function withoutOperator(invite: ({ operator?: string } & NonNullable<VisitorRegister['invite']>) | null): VisitorRegister['invite'] {
  if (invite === null) return null;
  const { operator: _, ...shown } = invite;
  return shown;
}
