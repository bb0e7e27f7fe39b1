CallGear.UI.registerViewController('consultant', function () {
  const chat = (window.chat = CallGear.UI.createWidget('consultant_chat', {}));
  const form = document.getElementById('form'),
    t = document.getElementById('text'),
    panel = document.getElementById('panel'),
    open = document.getElementById('open');
  function add(message) {
    if (!message) return;
    const line = document.createElement('li');
    line.textContent = message.from + ': ' + message.text;
    document.getElementById('list').append(line);
  }
  form.onsubmit = () => {
    add(chat.sendChatMessage(t.value));
    return false;
  };
  chat.on('sendmessage', add);
  open.onclick = () => chat.show();
  chat.on('show', () => (panel.hidden = false));
});
