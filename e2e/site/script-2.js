CallGear.UI.registerViewController('consultant', function (settings, tpls) {
  const chat = (window.chat = CallGear.UI.createWidget('consultant_chat', { settings: settings, template: tpls['chat'] }));
  chat.on('show', function () {
    if (chat.hasHistory()) {
      const h = chat.getHistory();
      h.forEach(function (message) {
        const line = document.createElement('li');
        line.textContent = message.from + ': ' + message.text;
        document.getElementById('history').prepend(line);
      });
    }
  });
  chat.render();
});
