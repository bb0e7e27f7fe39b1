/*
 * A chat window of the shop's own: the chat is never rendered, so nothing of its interface is drawn; everything goes through
 * methods and events. Read it from the bottom: `registerViewController` puts the parts together.
 */
/* global CallGear */

const $ = (id) => document.getElementById(id);
const at = (date) => new Date(date * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** One message as a line. Text goes in as text; only a file becomes a link, and only to an http address. */
function createLine({ text, from, source, sender, date, uid, fx_link: link, fx_size_info: size }) {
  const item = document.createElement('li');
  item.className = `line ${source === 'Visitor' ? 'mine' : sender === 'system' ? 'system' : ''}`;
  if (uid) item.dataset.uid = uid;
  if (link && /^https?:/.test(link)) {
    const anchor = Object.assign(document.createElement('a'), {
      href: link,
      target: '_blank',
      rel: 'noopener noreferrer',
      textContent: text,
    });
    item.append(anchor, ` (${size})`);
  } else {
    item.append(text);
  }
  const who = document.createElement('small');
  who.textContent = `${source === 'Visitor' ? 'You' : from}, ${at(date)}`;
  item.append(who);
  return item;
}

/** The list of messages: at its end what is new, before its beginning what is old. */
function createLines(chat) {
  const list = $('lines');
  const byUid = (uid) => [...list.children].find((item) => item.dataset.uid === uid);
  const add = (message) => {
    // A file is shown while it is uploaded; its message takes that place.
    const before = message.uid && byUid(message.uid);
    if (before) before.replaceWith(createLine(message));
    else list.append(createLine(message));
    list.scrollTop = list.scrollHeight;
  };
  const showEarlier = () => {
    if (!chat.hasHistory()) return;
    // Newest first: each one goes before those that are there.
    for (const message of chat.getHistory()) list.prepend(createLine(message));
    $('earlier').hidden = !chat.hasHistory();
  };
  const setNote = (uid, text, ...buttons) => {
    const note = byUid(uid)?.querySelector('small');
    note?.replaceChildren(text, ...buttons);
  };
  const button = (text, act) => {
    const element = Object.assign(document.createElement('button'), { type: 'button', textContent: text, className: 'button tight plain' });
    element.addEventListener('click', act);
    return element;
  };

  chat.on('showhistory', (messages) => messages.forEach(add));
  chat.on('sendmessage', add);
  chat.on('historychange', () => ($('earlier').hidden = !chat.hasHistory()));
  chat.on('messagedelivered', ({ uid, date }) => setNote(uid, `You, ${at(date)} ✓`));
  chat.on('messagefailed', ({ uid, reason }) =>
    setNote(
      uid,
      `Not sent (${reason}) `,
      button('Try again', () => (setNote(uid, 'Sending'), chat.resendMessage(uid))),
      ' ',
      button('Remove', () => (byUid(uid)?.remove(), chat.discardMessage(uid))),
    ),
  );
  chat.on('fileprogress', ({ uid, name, loaded, total }) => {
    if (!byUid(uid)) add({ text: name, from: 'You', source: 'Visitor', date: Date.now() / 1000, uid });
    setNote(uid, `${Math.round((100 * loaded) / (total || 1))} %`);
  });
  $('earlier').addEventListener('click', showEarlier);
  return { add, showEarlier };
}

/** Opening and closing: `show` and `hide` are only flags and events here, the panel is ours. */
function setUpPanel(chat) {
  $('open').addEventListener('click', () => chat.show());
  $('hide').addEventListener('click', () => chat.hide());
  $('end').addEventListener('click', () => chat.closeChat(() => ($('notice').textContent = 'The conversation has ended.')));

  chat.on('show', () => {
    $('panel').hidden = false;
    $('closed').hidden = true;
    chat.clearUnreadCounter();
    $('text').focus();
  });
  chat.on('hide', () => {
    $('panel').hidden = true;
    $('closed').hidden = false;
    $('open').focus();
  });
  const showUnread = () => {
    // Whoever has the panel open has seen it.
    if (chat.isVisible()) chat.clearUnreadCounter();
    const unread = chat.getUnreadCounter();
    $('unread').textContent = unread > 0 ? `(${unread} new)` : '';
  };
  chat.on('sendmessage', showUnread);
  chat.on('messageviewed', showUnread);
  showUnread();
}

/** Who is there, who is typing, and whether the line stands. */
function setUpStatus(chat) {
  const show = () => {
    const operator = chat.getOperatorVcard();
    const isThere = chat.isOnline() && chat.isChatAvailable();
    $('status').textContent = !chat.isOnline()
      ? 'Reconnecting'
      : operator
        ? `${operator.name}${operator.position ? `, ${operator.position}` : ''}`
        : isThere
          ? 'A roaster is here'
          : 'Nobody is here now';
    $('status').classList.toggle('online', isThere);
    $('end').hidden = chat.getState() !== 'chat';
    $('mail').hidden = chat.getMessages().length === 0;
    $('file').disabled = !chat.isReadyForFileTransfer();
  };
  for (const event of [
    'operatorjoined',
    'operatorleave',
    'chatavailabilitychange',
    'connectionchange',
    'statechange',
    'sendmessage',
    'messagedelivered',
  ])
    chat.on(event, show);
  show();

  let fade;
  chat.on('chattyping', ({ name }) => {
    $('typing').textContent = `${name} is typing`;
    clearTimeout(fade);
    fade = setTimeout(() => ($('typing').textContent = ''), 5000);
  });
  chat.on('sendmessage', () => ($('typing').textContent = ''));
  chat.on('error', ({ message }) => ($('notice').textContent = message));
}

/** Writing: what the shop requires first, then text and files. */
function setUpComposer(chat, settings, lines) {
  const send = () => {
    const text = $('text').value;
    const message = chat.sendChatMessage(text);
    if (!message) return;
    lines.add(message);
    $('compose').reset();
    $('other-way').hidden = true;
  };
  const askOrSend = () => {
    const missing = chat.getRequiredInfo();
    $('card').hidden = missing.length === 0;
    if (missing.length === 0) return send();
    const types = { name: 'text', email: 'email', phone: 'tel' };
    $('card-fields').replaceChildren(
      ...missing.map((name) => {
        const label = Object.assign(document.createElement('label'), { textContent: `Your ${name}` });
        const input = Object.assign(document.createElement('input'), {
          name,
          type: types[name],
          autocomplete: name === 'phone' ? 'tel' : name,
          required: true,
        });
        label.append(input);
        return label;
      }),
    );
    $('card-fields').querySelector('input').focus();
  };

  $('card').addEventListener('submit', (event) => {
    event.preventDefault();
    chat.setVisitorCard(Object.fromEntries(new FormData($('card'))));
    // The card is changed already: whatever is still missing is asked for again.
    askOrSend();
  });
  $('compose').addEventListener('submit', (event) => {
    event.preventDefault();
    askOrSend();
  });
  $('text').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $('compose').requestSubmit();
  });
  $('preview').hidden = !settings.chat.is_typing_preview;
  $('text').addEventListener('input', () => chat.chatTyping($('text').value));
  $('file').addEventListener('change', () => {
    chat.sendFile($('file'));
    $('file').value = '';
  });
}

/** Being invited, waiting too long, saying thanks, taking the conversation home. */
function setUpExtras(chat, settings) {
  const showInvite = (invite) => {
    $('invite').hidden = invite === null;
    if (invite) $('invite-text').textContent = `${invite.from}: ${invite.invite_message}`;
  };
  chat.on('invite', showInvite);
  chat.on('statechange', (state) => state !== 'invite' && showInvite(null));
  $('invite-yes').addEventListener('click', () => {
    chat.inviteAccept();
    chat.show();
  });
  $('invite-no').addEventListener('click', () => chat.inviteReject());

  const form = CallGear.UI.createWidget('consultant_offline_message', { settings });
  chat.on('showchatretentionaction', () => ($('other-way').hidden = false));
  $('request').addEventListener('submit', (event) => {
    event.preventDefault();
    form.sendRequest(Object.fromEntries(new FormData($('request'))));
  });
  form.on('sendofflinerequest', ({ success, info }) => {
    $('notice').textContent = `${info.title} ${info.message}`.trim();
    if (success) $('other-way').hidden = true;
  });

  const stars = [...$('stars').querySelectorAll('button')];
  const showMark = (mark) => stars.forEach((star) => star.setAttribute('aria-pressed', String(Number(star.dataset.mark) <= (mark ?? 0))));
  const canRate = settings.chat.is_consultant_operator_rating;
  for (const star of stars) star.addEventListener('click', () => chat.setOperatorRating(star.dataset.mark));
  chat.on('operatorjoined', () => ($('stars').hidden = !canRate));
  chat.on('closechat', () => ($('other-way').hidden = true));
  chat.on('ratingchange', showMark);
  chat.on('setrating', () => ($('notice').textContent = 'Thank you.'));
  $('stars').hidden = !canRate || chat.getOperatorVcard() === null;
  showMark(chat.getRating());

  $('mail').addEventListener('submit', (event) => {
    event.preventDefault();
    chat.sendChatByMail($('mail-address').value);
  });
  chat.on(
    'sendchatbymail',
    ({ success, error }) => ($('notice').textContent = success ? 'It is in the post.' : `That did not work (${error}).`),
  );
}

/** Everything the chat tells, in the list beside it. */
function logEvents(chat) {
  const list = $('events');
  const names =
    'show hide operatorjoined operatorleave sendmessage messagesent showchatretentionaction chatavailabilitychange invite startchat closechat ' +
    'inviteaccept invitereject setrating sendchatbymail ratingchange statechange chattyping showhistory messageviewed messagedelivered ' +
    'messagefailed fileprogress historychange connectionchange error';
  for (const name of names.split(' ')) {
    chat.on(name, (payload) => {
      const item = document.createElement('li');
      item.textContent = payload === undefined ? name : `${name} ${JSON.stringify(payload)}`;
      list.append(item);
      list.scrollTop = list.scrollHeight;
    });
  }
}

CallGear.UI.registerViewController('consultant', (settings) => {
  // Not rendered: the session, its methods and its events are all there, and nothing is drawn.
  const chat = CallGear.UI.createWidget('consultant_chat', { settings });
  const lines = createLines(chat);
  logEvents(chat);
  setUpPanel(chat);
  setUpStatus(chat);
  setUpComposer(chat, settings, lines);
  setUpExtras(chat, settings);
  lines.showEarlier();
  $('open').disabled = false;
});
