CallGear.UI.registerViewController('consultant', function () {
  const chat = (window.chat = CallGear.UI.createWidget('consultant_chat', {}));
  const stars = document.getElementById('stars');
  stars.onclick = function (e) {
    chat.setOperatorRating(e.target.getAttribute('data-mark'));
  };
  chat.on('setrating', function thanks(mark) {
    document.getElementById('thanks').textContent = 'Thank you for ' + mark;
  });
  chat.on('closechat', function askStars() {
    stars.hidden = false;
  });
});
