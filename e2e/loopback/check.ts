/**
 * The checker of the loopback: reads what was said, what was acknowledged, what the database holds and what everybody shows,
 * and says which invariant of `e2e/faults/README.md` does not hold. What can only be seen while it happens (I6, I8, I10, the
 * markers of I7) is seen by the parties themselves.
 */
import type { Page } from './browser.ts';
import type { Scene } from './scene.ts';
import type { StoredEvent } from './server.ts';

export function checkAll(scene: Scene): string[] {
  const stored = scene.server.stored(scene.browser.visitor);
  const messages = stored.filter(({ kind }) => kind === 'message.added');
  return [
    ...checkNumbers(stored),
    ...scene.documents.flat().flatMap((page) => checkAcknowledged(page, messages)),
    ...checkKept(scene, messages),
    ...checkOrder(scene, messages),
    ...scene.pages.flatMap((page) => checkShown(page, stored, messages)),
    ...checkWorkplace(scene, stored, messages),
  ];
}

/** I2 */
function checkNumbers(stored: readonly StoredEvent[]): string[] {
  const last = new Map<string, StoredEvent>();
  const holes = stored.flatMap((event) => {
    const before = last.get(event.chat)?.seq ?? 0;
    last.set(event.chat, event);
    return event.seq === before + 1 ? [] : [`I2: ${event.seq} follows ${before} in ${event.chat}`];
  });
  const ends = [...last.values()]
    .filter(({ seq, lastSeq }) => seq !== lastSeq)
    .map(({ chat, seq, lastSeq }) => `I2: ${chat} counts ${lastSeq}, the last event is ${seq}`);
  return [...holes, ...ends];
}

/** I1 */
function checkAcknowledged({ said, acked }: Page, messages: readonly StoredEvent[]): string[] {
  return said.flatMap(({ uid, text }) => {
    const found = messages.filter((event) => event.uid === uid || event.text === text);
    if (found.length > 1) return [`I1: "${text}" is stored ${found.length} times`];
    const ack = acked.get(uid);
    if (ack === undefined) return [];
    const [event] = found;
    return event?.message_id === ack.message_id && event?.seq === ack.seq
      ? []
      : [`I1: "${text}" was acknowledged as ${ack.seq} and is stored as ${event?.seq}`];
  });
}

/** I4. Nobody discards anything here, and in the end everybody can send: so it is stored, if the browser had it when its page ended. */
function checkKept({ documents, pages }: Scene, messages: readonly StoredEvent[]): string[] {
  return documents
    .flat()
    .flatMap((page) =>
      page.said
        .filter(({ uid }) => (page.kept.has(uid) || pages.includes(page)) && !messages.some((event) => event.uid === uid))
        .map(({ text }) => `I4: "${text}" is gone`),
    );
}

/**
 * I5: of one document always; over reloads where no other page could take over what was left, the clock tells the documents
 * apart, and the browser had kept what was said before the document ended.
 */
function checkOrder({ documents, pages, isSetBack }: Scene, messages: readonly StoredEvent[]): string[] {
  const ofDocuments = documents.flat().map(({ said }) => said);
  const ofPlaces = documents.map((place) =>
    place.flatMap((page) => page.said.filter(({ uid }) => pages.includes(page) || page.keptAtEnd.has(uid))),
  );
  const lines = documents.length === 1 && !isSetBack ? [...ofDocuments, ...ofPlaces] : ofDocuments;
  return lines.flatMap((said) => {
    const order = said.map(({ uid }) => messages.findIndex((event) => event.uid === uid)).filter((at) => at >= 0);
    return order.every((at, index) => index === 0 || at > (order[index - 1] ?? -1))
      ? []
      : [`I5: ${said.map(({ text }) => text).join(', ')} are stored as ${messages.map(({ text }) => text).join(', ')}`];
  });
}

/** I3 and I7, and that every message said here was delivered once. */
function checkShown({ session, said, events }: Page, stored: readonly StoredEvent[], messages: readonly StoredEvent[]): string[] {
  const shown = session.messages.value.map(({ message_id, uid, text }) => [message_id, uid, text].join(' '));
  const expected = messages.map(({ message_id, uid, text }) => [message_id, uid, text].join(' '));
  const window = session.hasOlder.value ? expected.slice(-shown.length) : expected;
  const broken: string[] = [];
  if (shown.join('\n') !== window.join('\n')) broken.push(`I3: a page shows\n${shown.join('\n')}\ninstead of\n${window.join('\n')}`);

  const delivered = events.flatMap((event) => (event.name === 'messagedelivered' ? [event.uid] : []));
  for (const { uid, text } of said) {
    const times = delivered.filter((other) => other === uid).length;
    if (times !== 1) broken.push(`I1: "${text}" was told as delivered ${times} times`);
  }

  const last = stored.at(-1);
  const state = last?.isOpen === true ? 'chat' : 'available';
  if (session.state.value !== state) broken.push(`I3: a page is in state ${session.state.value} instead of ${state}`);
  const chat = session.chat.value;
  if (chat?.id !== last?.chat || chat?.lastSeq !== last?.lastSeq)
    broken.push(`I3: a page stands at ${chat?.lastSeq} of ${chat?.id}, the database at ${last?.lastSeq} of ${last?.chat}`);
  if (chat !== null && last !== undefined && chat.readByVisitor !== last.readByVisitor)
    broken.push(`I7: a page has read up to ${chat.readByVisitor}, the database says ${last.readByVisitor}`);
  const chats = new Set(stored.map((event) => event.chat));
  const unread = messages.filter(({ author, seq, readByVisitor }) => author === 'operator' && seq > readByVisitor).length;
  if (chats.size === 1 && session.unread.value !== unread)
    broken.push(`I7: ${session.unread.value} unread are shown, the marker says ${unread}`);
  return broken;
}

function checkWorkplace(
  { workplace: { session, said } }: Scene,
  stored: readonly StoredEvent[],
  messages: readonly StoredEvent[],
): string[] {
  const broken: string[] = [];
  const refused = new Set(session.pending.value.map(({ text }) => text));
  for (const text of said) {
    const times = messages.filter((event) => event.text === text).length;
    if (times !== (refused.has(text) ? 0 : 1)) broken.push(`I1 I4: the operator's "${text}" is stored ${times} times`);
  }
  const order = said.filter((text) => !refused.has(text));
  const storedOrder = messages.filter(({ author }) => author === 'operator').map(({ text }) => text);
  if (order.join() !== storedOrder.join()) broken.push(`I5: the operator said ${order.join()}, stored is ${storedOrder.join()}`);

  const conversation = session.current.value;
  const shown = (conversation?.events ?? []).filter(({ kind }) => kind === 'message.added').map(({ message_id }) => message_id);
  const expected = messages.map(({ message_id }) => message_id);
  const window = conversation?.hasOlder === true ? expected.slice(-shown.length) : expected;
  if (conversation?.isLoaded !== true) broken.push('I3: the workplace has not loaded the visitor');
  else if (shown.join() !== window.join()) broken.push(`I3: the workplace shows ${shown.join()} instead of ${window.join()}`);
  const last = stored.at(-1);
  if (conversation?.chat?.lastSeq !== last?.lastSeq && conversation?.chat !== null)
    broken.push(`I3: the workplace stands at ${conversation?.chat?.lastSeq}, the database at ${last?.lastSeq}`);
  return broken;
}
