// The manual's sample as it stands there, character for character; only the missing parenthesis is mended, and what its "..." stand
// for is written out: nothing but a list that shows what came back.
CallGear.UI.registerViewController('consultant', function (settings, tpls) {
  const chat = CallGear.UI.createWidget('consultant_chat', {
    settings: settings,
    template: tpls['chat'],
  });

  chat.on('show', function () {
    chat.startChat();
  });

  chat.on('beforehide', function () {
    chat.closeChat();
  });

  chat.on('show', function () {
    if (chat.hasHistory()) {
      const history = chat.getHistory();
      history.forEach(function (message) {
        const line = document.createElement('li');
        line.textContent = message.text;
        document.getElementById('history').prepend(line);
      });
    }
  });
  chat.render();
});
