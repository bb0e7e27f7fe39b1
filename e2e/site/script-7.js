CallGear.UI.registerViewController('consultant', function () {
  const chat = (window.chat = CallGear.UI.createWidget('consultant_chat', {}));
  const form = document.getElementById('form'),
    text = 'I would like an offer';
  function showForm() {
    form.hidden = false;
  }
  if (chat.getRequiredInfo().length) showForm();
  form.onsubmit = function () {
    const values = { name: form.elements.name.value, email: form.elements.email.value };
    chat.setVisitorCard(values);
    if (!chat.getRequiredInfo().length) {
      chat.sendChatMessage(text);
      form.hidden = true;
    }
    return false;
  };
});
