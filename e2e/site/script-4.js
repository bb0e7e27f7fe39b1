CallGear.UI.registerViewController('consultant', function () {
  const chat = (window.chat = CallGear.UI.createWidget('consultant_chat', {}));
  const box = document.getElementById('popup');
  function popup(text) {
    box.querySelector('p').textContent = text;
    box.hidden = false;
  }
  function hidePopup() {
    box.hidden = true;
  }
  chat.on('invite', function (e) {
    popup(e.invite_message);
  });
  document.getElementById('yes').onclick = chat.inviteAccept;
  document.getElementById('no').onclick = chat.inviteReject;
  chat.on('inviteaccept', hidePopup);
  chat.on('invitereject', hidePopup);
});
