/* The shop's own script: a basket that counts. The chat needs none of it: `data-callgear="open"` makes a button or a link open it. */
const basket = document.querySelector('#basket');
let count = Number(sessionStorage.getItem('basket')) || 0;

function showBasket() {
  if (basket) basket.textContent = `Basket: ${count}`;
}

document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element && target.closest('[data-add]'))) return;
  const quantity = document.querySelector('#quantity');
  count += quantity instanceof HTMLInputElement ? Math.max(1, quantity.valueAsNumber || 1) : 1;
  sessionStorage.setItem('basket', String(count));
  showBasket();
});

showBasket();
