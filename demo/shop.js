/*
 * The shop's own script: a basket that counts, and buttons that open the chat. The loader is `async`, so it may not be here
 * yet: what is pushed onto `CallGear` before that is done once it is.
 */
window.CallGear = window.CallGear || [];

const basket = document.querySelector('#basket');
let count = Number(sessionStorage.getItem('basket')) || 0;

function showBasket() {
  if (basket) basket.textContent = `Basket: ${count}`;
}

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('[data-add], [data-chat]') : null;
  if (!(button instanceof HTMLElement)) return;
  if ('add' in button.dataset) {
    const quantity = document.querySelector('#quantity');
    count += quantity instanceof HTMLInputElement ? Math.max(1, quantity.valueAsNumber || 1) : 1;
    sessionStorage.setItem('basket', String(count));
    showBasket();
  } else {
    window.CallGear.push((CallGear) => CallGear.openChatWindow());
  }
});

showBasket();
