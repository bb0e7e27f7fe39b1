CallGear.UI.registerViewController('consultant', function () {
  const chat = (window.chat = CallGear.UI.createWidget('consultant_chat', {}));
  const file = document.getElementById('file');
  file.onchange = function () {
    if (chat.isReadyForFileTransfer()) {
      chat.sendFile(this);
      this.value = '';
    }
  };
});
