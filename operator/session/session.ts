/**
 * The operator's session: the one owner of what the workplace shows. It plugs the owners of all parts together and offers
 * one contract to the screen. It never touches the DOM, a socket or a database: `main.tsx` gives it transport, store,
 * upload, clock and chance.
 *
 * Read `contract.ts` first, then the parts: `server-feed.ts` (the server's frames), `conversations.ts` (open conversations),
 * `delivery.ts` (what goes out), `commands.ts` (what an operator can do), `caller.ts` (alerts for an operator who looks elsewhere).
 */
import { batch, computed, signal } from '@preact/signals-core';
import type { Uid } from '../../shared/chat.ts';
import { CLOSE } from '../../shared/wire/protocol.ts';
import type { OperatorFrame } from '../../shared/wire/workplace.ts';
import { createAvailability } from './availability.ts';
import { createCaller } from './caller.ts';
import { createCommands } from './commands.ts';
import type { ConnectionStatus, Session, SessionOptions } from './contract.ts';
import { createConversations } from './conversations.ts';
import { createDelivery } from './delivery.ts';
import { createDirectory } from './directory.ts';
import { createIdleWatch } from './idle.ts';
import { createNotices } from './notices.ts';
import { createOwnChats } from './own-chats.ts';
import { createReadMarks } from './read-marks.ts';
import { createReplies } from './replies.ts';
import { createRequestList } from './request-list.ts';
import { createRoster } from './roster.ts';
import { createServerClock } from './server-clock.ts';
import { createServerFeed } from './server-feed.ts';

export function createSession(options: SessionOptions): Session {
  const { operator, transport, clock, chance } = options;
  const tab: Uid = chance.uid();

  const connection = signal<ConnectionStatus>('connecting');
  const isAttentive = signal(false);

  const tell = (frame: OperatorFrame): boolean => transport.status === 'online' && transport.send(frame);

  const notices = createNotices();
  const replies = createReplies();
  const roster = createRoster(operator.id);
  const directory = createDirectory();
  const requestList = createRequestList((n, after) => tell({ t: 'requests', n, after }));
  const availability = createAvailability(operator, tell);
  const idle = createIdleWatch(clock, tell);
  const serverClock = createServerClock(clock, () =>
    notices.age(({ about }) => isAttentive.peek() && (about === null || about === conversations.currentId.peek())),
  );

  const conversations = createConversations({
    clock,
    roster,
    replies,
    tell,
    onEvent(visitor, event) {
      ownChats.handleEvent(visitor, event);
      if (event.uid !== null && event.author.kind === 'operator' && event.author.id === operator.id) delivery.confirm(event.uid, event);
    },
  });

  const delivery = createDelivery({
    clock,
    store: options.store,
    transport,
    sendBytes: options.sendBytes,
    serverNowMs: serverClock.nowMs,
    isStored: conversations.isStored,
    onRefused: (command, code) => notices.add(conversations.visitorOf(command), { type: 'refused', kind: command.kind, code }),
  });

  const commands = createCommands({ self: operator.id, conversations, replies, delivery, tell, clock, chance });

  const readMarks = createReadMarks({
    self: operator.id,
    shown: computed(() => (isAttentive.value ? conversations.current.value : null)),
    delivery,
    chance,
  });

  const shown = computed(() => (isAttentive.value ? conversations.currentId.value : null));

  const caller = createCaller({
    clock,
    roster,
    site: directory.site,
    isOnline: () => availability.isOnline,
    isConnected: () => connection.peek() === 'online',
    shown: () => shown.peek(),
  });

  const ownChats = createOwnChats({ self: operator.id, conversations, roster, notices, caller });

  const feed = createServerFeed({
    csrf: operator.csrf,
    tab,
    epoch: options.epoch,
    onEpoch: (epoch) => options.onEpoch?.(epoch),
    transport,
    owners: {
      availability,
      caller,
      conversations,
      delivery,
      directory,
      idle,
      notices,
      ownChats,
      readMarks,
      requestList,
      roster,
      serverClock,
    },
  });

  delivery.adopt();
  transport.start({
    prepare: () => Promise.resolve(true),
    onOpen: feed.sayHello,
    onFrame: (frame) => batch(() => feed.receive(frame)),
    onStatus: (status) => {
      connection.value = status;
    },
    onClose: (code) => {
      delivery.shut();
      if (code === CLOSE.unauthorized) options.onRefused(idle.isEnding.peek());
    },
  });

  return {
    connection,
    isReady: computed(() => feed.phase.value === 'live'),
    self: availability.self,
    sites: directory.sites,
    groups: directory.groups,
    operators: directory.operators,
    visitors: roster.visitors,
    requests: requestList.items,
    requestCounts: requestList.counts,
    areRequestsLoading: requestList.isLoading,
    current: conversations.current,
    pending: delivery.pending,
    uploads: delivery.uploads,
    replies: replies.texts,
    attachments: replies.attachments.byVisitor,
    running: delivery.running,
    notices: notices.list,
    isRestored: feed.isRestored,
    isEnding: idle.isEnding,
    isForgetful: delivery.isForgetful,
    needs: roster.needs,
    shown,
    now: serverClock.now,
    ...commands,
    setOnline: availability.set,
    open(visitor) {
      conversations.open(visitor);
      readMarks.update();
    },
    leaveConversation: conversations.leave,
    resend: delivery.resend,
    discard: delivery.discard,
    older: conversations.older,
    moreRequests: requestList.more,
    dismissNotice: notices.dismiss,
    pauseNotices: notices.pause,
    use: idle.use,
    dismissRestored: feed.dismissRestored,
    setAttentive(isLooking) {
      isAttentive.value = isLooking;
      readMarks.update();
    },
    onAlert: caller.onAlert,
    close() {
      if (feed.phase.peek() === 'closed') return;
      feed.close();
      serverClock.close();
      caller.close();
      transport.close();
      delivery.close();
      conversations.close();
    },
  };
}
