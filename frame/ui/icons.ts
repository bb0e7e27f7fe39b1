/** Pictures that are drawn from the first moment; `icons-extras.ts` has the others. Paths in a square of 24. */

export const chat =
  'M12 3c5 0 9 3.4 9 7.7s-4 7.7-9 7.7c-.9 0-1.8-.1-2.6-.3L4.6 20.6c-.4.2-.8-.2-.7-.6l1-3.6C3.7 15 3 12.9 3 10.7 3 6.4 7 3 12 3Z';
export const close = 'M6 6l12 12M18 6 6 18';
export const send = 'M12 19V5M5.5 11.5 12 5l6.5 6.5';
export const pending = 'M12 7.5V12l3 2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z';
export const stored = 'M5 12.5l4.5 4.5L19 7.5';
