/**
 * Visitors whom the customer's server names by a signed token: the same visitor on every device. The device goes over to the
 * visitor who bears that name. What was said before under another visitor stays where it was said, because a shared device
 * must not carry one person's words into another one's history. Whether a token is good is judged in `identity.ts`.
 */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Clock } from '../base/clock.ts';
import { confirmationKey } from '../mail/code.ts';
import { identityLock, visitorLock, type Lock } from '../store/locks.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { AccessIssuer, TokenSession, VisitorGrant, VisitorSession } from './access.ts';
import { hashName, judgeIdentity } from './identity.ts';
import { lineLockOf, turned } from './refresh.ts';
import { hashToken } from './tokens.ts';
import type { Device, VisitorSessionSteps } from './visitor-sessions.ts';

export const TOO_MANY_NEW = 'Too many visitors are new on this site. Try again in a moment.';

export type IdentifyResult =
  | { result: 'welcome'; grant: VisitorGrant; ended: string[] }
  /** The site has no keys. */
  | { result: 'disabled' }
  /** `reason` is for the log, never for the page. */
  | { result: 'refused'; reason: string }
  /** The device is in a chat, which would be lost to it. */
  | { result: 'busy' };

export interface Identification {
  /**
   * Assigns the device that has these tokens to the visitor whom `token`, signed by the customer's server, names. A token works
   * once. A client that lost the answer may ask again and gets the same answer. It proves itself by the page's `once` (a secret
   * of the asking page), by the device's earlier token, or by its session.
   *
   * @param mayBeNew whether the site may have one more visitor now; asked when the name is new
   * @throws ChatError `rate_limited` when it may not, and nothing was done; `unavailable` as `resume`
   */
  identify(
    site: SiteKey,
    token: string,
    tokens: readonly string[],
    options?: { once?: string | undefined; mayBeNew?: () => boolean },
  ): Promise<IdentifyResult>;
}

export interface IdentificationOptions {
  store: Store;
  clock: Clock;
  access: Pick<AccessIssuer, 'grant'>;
  sessions: VisitorSessionSteps;
}

/** `again`: with more locks. */
type Became = { session: TokenSession; ended: string[] } | 'busy' | 'used' | 'again';

export function createIdentification({ store, clock, access, sessions }: IdentificationOptions): Identification {
  /** The device goes over to the visitor of this name, who may be new. */
  async function become(
    tx: Transaction,
    {
      site,
      subject,
      email,
      named,
      device,
      isStranger,
      mayBeNew,
    }: {
      site: SiteKey;
      subject: string;
      email: string | null;
      named: VisitorId | undefined;
      device: Device;
      isStranger: boolean;
      mayBeNew: () => boolean;
    },
  ): Promise<{ session: TokenSession; ended: string[] }> {
    const mine = device.session?.visitor;
    if (device.session !== undefined && named === mine) {
      await confirm(tx, device.session, email);
      return { session: device.session, ended: device.ended };
    }
    const known = named ?? (isStranger ? mine : undefined);
    if (known === undefined && !mayBeNew()) throw new ChatError('rate_limited', TOO_MANY_NEW);
    const visitor = known ?? (await sessions.newVisitor(tx, site));
    if (named === undefined) await tx.identify(site, subject, visitor, clock.nowSeconds());
    await confirm(tx, { site, visitor }, email);
    // A client that knew this device's earlier tokens must not see anything that the device may see from now on.
    const over =
      named === undefined && visitor === mine ? await tx.sessionsOf(site, visitor) : device.session === undefined ? [] : [device.session];
    for (const session of over) await tx.removeSession(session.id);
    return { session: await sessions.newSession(tx, site, visitor), ended: [...device.ended, ...over.map(({ id }) => id)] };
  }

  /**
   * The answer that was lost, once more: the same session. Its token is not known any more, so it gets the next one.
   * `again`: the session is so new that its line was not named among the locks.
   */
  async function goBack(
    tx: Transaction,
    site: SiteKey,
    id: string,
    device: Device,
    locks: readonly Lock[],
  ): Promise<{ session: TokenSession; ended: string[] } | 'used' | 'again'> {
    if (device.session?.id === id) return { session: device.session, ended: device.ended };
    const now = clock.nowSeconds();
    const session = await tx.session(id, now);
    if (session?.site !== site || session.visitor === null) return 'used';
    if (!locks.includes(lineLockOf(session))) return 'again';
    if (device.session !== undefined) await tx.removeSession(device.session.id);
    const next = turned(undefined, session, now);
    await tx.saveSession(next.session);
    const ended = [...device.ended, ...(device.session === undefined ? [] : [device.session.id])];
    return { session: { ...next.session, site, visitor: session.visitor, token: next.token }, ended };
  }

  /** An address that the customer's server has made sure of needs no code of ours, and no request that asked for one. */
  async function confirm(
    tx: Transaction,
    { site, visitor }: Pick<VisitorSession, 'site' | 'visitor'>,
    email: string | null,
  ): Promise<void> {
    if (email === null) return;
    await tx.saveConfirmation({
      site,
      visitor,
      address: confirmationKey(email, store.secret),
      uid: '',
      tries: 0,
      endsMs: clock.nowMs(),
      isConfirmed: true,
    });
  }

  /** The name, the visitor whose it is, and the line to which an answer that was lost would go back. */
  async function locksOf(site: SiteKey, subject: string, token: string): Promise<Lock[]> {
    const visitor = await store.identified(site, subject);
    const before = await store.identityUse(token, clock.nowMs());
    const session = before && (await store.session(before.session, clock.nowSeconds()));
    return [
      identityLock(site, subject),
      ...(visitor === undefined ? [] : [visitorLock(visitor)]),
      ...(session === undefined ? [] : [lineLockOf(session)]),
    ];
  }

  return {
    async identify(site, token, tokens, { once, mayBeNew = () => true } = {}) {
      const keys = await store.identityKeys(site);
      if (keys.length === 0) return { result: 'disabled' };
      const judged = await judgeIdentity(token, site, keys, clock.nowSeconds());
      if (!judged.ok) return { result: 'refused', reason: judged.reason };
      const { sub, jti, email, endsAt } = judged.claims;
      const subject = hashName(store.secret, 'sub', site, sub);
      const endsMs = endsAt * 1000;
      const first = { key: hashName(store.secret, 'jti', site, jti), most: 1, windowMs: endsMs - clock.nowMs() };
      const shown = hashName(store.secret, 'token', site, token);
      const proofs = [...tokens, ...(once === undefined ? [] : [once])].map(hashToken);
      const attempt = async () => {
        const locks = [...(await locksOf(site, subject, shown)), ...(await sessions.locksOf(site, tokens))];
        return store.transact(locks, (tx) => attemptIn(tx, locks));
      };
      const attemptIn = async (tx: Transaction, locks: readonly Lock[]): Promise<Became> => {
        const device = await sessions.resumeIn(tx, site, tokens);
        const named = await tx.identified(site, subject);
        const mine = device.session?.visitor;
        const isStranger = mine !== undefined && (await tx.identifiedSince(site, mine)) === undefined;
        if (named !== undefined && isStranger && (await tx.openChatOf(site, mine)) !== undefined) return 'busy';
        const before = await tx.identityUse(shown, clock.nowMs());
        if (before !== undefined && (before.session === device.session?.id || proofs.some((proof) => before.proofs.includes(proof))))
          return goBack(tx, site, before.session, device, locks);
        if (!(await tx.takeCaps([first], clock.nowMs()))) return 'used';
        const became = await become(tx, { site, subject, email, named, device, isStranger, mayBeNew });
        // Of the device's tokens only what was believed shows who asked.
        const own = device.by === undefined ? [] : [hashToken(device.by)];
        await tx.saveIdentityUse({
          token: shown,
          session: became.session.id,
          proofs: [...own, ...(once === undefined ? [] : [hashToken(once)])],
          endsMs,
        });
        return became;
      };
      let became = await attempt();
      // Of requests with one token at once the first has made a session meanwhile: now its line is known.
      while (became === 'again') became = await attempt();
      if (became === 'busy') return { result: 'busy' };
      if (became === 'used') return { result: 'refused', reason: 'its jti was used before' };
      return { result: 'welcome', grant: await access.grant(became.session), ended: became.ended };
    },
  };
}
