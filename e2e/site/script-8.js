CallGear.UI.registerViewController('consultant', function () {
  const chat = (window.chat = CallGear.UI.createWidget('consultant_chat', {}));
  const form = CallGear.UI.createWidget('consultant_offline_message', {});
  const btn = document.getElementById('btn');
  function open(way) {
    window.opened = way;
    form.render();
    form.show();
  }
  chat.on('showchatretentionaction', (e) => {
    btn.hidden = false;
    btn.onclick = () => {
      chat.closeChat();
      open(e.alternate_communication_way);
    };
  });
});
