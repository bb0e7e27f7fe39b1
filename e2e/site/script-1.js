CallGear.UI.registerViewController('consultant', function (settings, tpls) {
  const chat = (window.chat = CallGear.UI.createWidget('consultant_chat', { settings: settings, template: tpls['chat'] }));
  chat.on('show', function () {
    chat.startChat();
  });
  chat.on('beforehide', function () {
    chat.closeChat();
  });
  chat.render();
});
