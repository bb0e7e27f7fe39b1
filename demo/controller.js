/*
 * A view controller by hand. It is called once, when settings and the state of the chat are there; it makes the chat and
 * says what the page does with its events. The interface stays the chat's own.
 */
/* global CallGear */

CallGear.UI.registerViewController('consultant', (settings, tpls) => {
  const $ = (id) => document.getElementById(id);

  // `launcher: false`: this page has a button of its own.
  const chat = CallGear.UI.createWidget('consultant_chat', { settings, template: tpls['chat'], launcher: false });

  // ── messages ──────────────────────────────────────────────────────────────────────────────────────────────────────

  // Text goes in as text: a message is never HTML.
  const line = ({ text, from, source, date }) => {
    const item = document.createElement('li');
    item.className = `line ${source === 'Visitor' ? 'mine' : source === 'System' ? 'system' : ''}`;
    item.textContent = text;
    const who = document.createElement('small');
    who.textContent = `${source === 'Visitor' ? 'You' : from}, ${new Date(date * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}`;
    item.append(who);
    return item;
  };
  const add = (message) => {
    $('lines').append(line(message));
    $('lines').scrollTop = $('lines').scrollHeight;
  };

  // History comes in pages of up to 20, newest first: each message goes before those that are there.
  const showEarlier = () => {
    if (!chat.hasHistory()) return;
    for (const message of chat.getHistory()) $('lines').prepend(line(message));
    $('earlier').hidden = !chat.hasHistory();
  };
  $('earlier').addEventListener('click', showEarlier);
  chat.on('historychange', () => ($('earlier').hidden = !chat.hasHistory()));

  // What was said before this page was loaded: once, oldest first.
  chat.on('showhistory', (messages) => messages.forEach(add));
  // What others say, and what this visitor says on another page of the shop …
  chat.on('sendmessage', add);
  // … and on this one.
  chat.on('messagesent', ({ message }) => add(message));

  // ── who is there ──────────────────────────────────────────────────────────────────────────────────────────────────

  const showStatus = () => {
    const operator = chat.getOperatorVcard();
    $('status').textContent = operator
      ? `You are talking to ${operator.name}`
      : chat.isChatAvailable()
        ? 'A roaster is here'
        : 'Nobody is here now';
    $('status').classList.toggle('online', chat.isChatAvailable());
  };
  for (const event of ['operatorjoined', 'operatorleave', 'chatavailabilitychange', 'statechange']) chat.on(event, showStatus);

  // ── the shop's rules ──────────────────────────────────────────────────────────────────────────────────────────────

  // Whoever closes the window without having written keeps nobody waiting.
  chat.on('hide', () => {
    if (chat.getState() === 'chat' && chat.getMessages().length === 0) chat.closeChat();
  });

  chat.on('invite', ({ invite_message, from }) => {
    $('invite-text').textContent = `${from}: ${invite_message}`;
    $('invite').hidden = false;
  });
  $('invite-yes').addEventListener('click', () => {
    chat.inviteAccept();
    chat.show();
  });
  $('invite-no').addEventListener('click', chat.inviteReject);
  chat.on('statechange', (state) => {
    if (state !== 'invite') $('invite').hidden = true;
  });

  // Whoever has waited long enough is offered the other way.
  chat.on('showchatretentionaction', ({ alternate_communication_way: way }) => {
    if (way === 'offline_message') CallGear.openSiteRequestPanel();
  });

  $('open').addEventListener('click', () => chat.show());
  $('open').disabled = false;
  showStatus();
  showEarlier();
  logEvents(chat);
  chat.render();
});

/** Everything the chat tells, in the list beside it. */
function logEvents(chat) {
  const list = document.getElementById('events');
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
