// A view controller that writes down everything it hears, for the tests to read. Options come with the address:
// ?headless – nothing is rendered · ?listen=a,b – hears only these events (what is not listened to is not "given")
// ?take – asks for all history while it runs · ?wait – returns a promise that release() settles
(function () {
  const options = new URLSearchParams(location.search);
  const all = [
    'operatorjoined',
    'operatorleave',
    'sendmessage',
    'showchatretentionaction',
    'chatavailabilitychange',
    'invite',
    'startchat',
    'closechat',
    'inviteaccept',
    'invitereject',
    'setrating',
    'sendchatbymail',
    'ratingchange',
    'statechange',
    'chattyping',
    'showhistory',
    'messageviewed',
    'messagesent',
    'messagedelivered',
    'messagefailed',
    'fileprogress',
    'historychange',
    'connectionchange',
    'error',
    'beforerender',
    'render',
    'beforeshow',
    'show',
    'beforehide',
    'hide',
    'beforedestroy',
  ];
  const names = options.has('listen') ? options.get('listen').split(',').filter(Boolean) : all;
  window.heard = [];
  window.errors = [];
  window.notes = [];
  window.taken = [];
  window.runs = 0;
  let isLater = false;
  CallGear.on('ready', function () {
    window.isReady = true;
  });
  CallGear.on('error', function (error) {
    window.errors.push(JSON.parse(JSON.stringify(error)));
  });
  CallGear.UI.registerViewController('consultant', function (settings, tpls) {
    window.runs += 1;
    window.settings = settings;
    window.tpls = tpls;
    window.atStart = { state: null };
    const chat = (window.chat = CallGear.UI.createWidget('consultant_chat', { settings: settings, template: tpls['chat'] }));
    window.atStart = {
      state: chat.getState(),
      isAvailable: chat.isChatAvailable(),
      operator: chat.getOperatorVcard(),
      hasHistory: chat.hasHistory(),
    };
    names.forEach(function (name) {
      chat.on(name, function (payload) {
        window.heard.push({
          name: name,
          payload: payload === undefined ? null : JSON.parse(JSON.stringify(payload)),
          arguments: arguments.length,
          at: performance.now(),
          isLater: isLater,
          // What the queries say at this very moment: the mirror must be there already.
          state: chat.getState(),
          isAvailable: chat.isChatAvailable(),
          operator: chat.getOperatorVcard(),
          unread: chat.getUnreadCounter(),
          rating: chat.getRating(),
        });
      });
    });
    if (options.has('take')) for (let page; (page = chat.getHistory());) window.taken.push(page);
    if (!options.has('headless')) chat.render();
    // A microtask runs when the task that called the controller has nothing left on its stack.
    Promise.resolve().then(function () {
      isLater = true;
    });
    if (options.has('wait'))
      return new Promise(function (resolve) {
        window.release = resolve;
      });
  });
})();
