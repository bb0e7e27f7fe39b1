/** Pictures of what comes with `extras.ts`. Paths in a square of 24. */

export const clip = 'M20 11.5l-8.3 8.2a5.2 5.2 0 0 1-7.4-7.4l8.6-8.5a3.5 3.5 0 0 1 5 5l-8.7 8.5a1.7 1.7 0 0 1-2.4-2.4l7.9-7.8';
export const mail =
  'M4.5 5.5h15c.8 0 1.5.7 1.5 1.5v10c0 .8-.7 1.5-1.5 1.5h-15A1.5 1.5 0 0 1 3 17V7c0-.8.7-1.5 1.5-1.5ZM3.5 7.5 12 13l8.5-5.5';
export const print =
  'M7 8.5V3.5h10v5M7 17H4.5A1.5 1.5 0 0 1 3 15.5V10c0-.8.7-1.5 1.5-1.5h15c.8 0 1.5.7 1.5 1.5v5.5c0 .8-.7 1.5-1.5 1.5H17M7 14h10v6.5H7Z';
export const file = 'M13.5 3H7a1.5 1.5 0 0 0-1.5 1.5v15A1.5 1.5 0 0 0 7 21h10a1.5 1.5 0 0 0 1.5-1.5V8ZM13.5 3v5h5';
export const star = 'M12 3.6l2.6 5.3 5.9.9-4.3 4.1 1 5.8L12 17l-5.2 2.7 1-5.8L3.5 9.8l5.9-.9Z';
export const down = 'M12 5v14M6 13l6 6 6-6';
export const back = 'M19 12H5M11 6l-6 6 6 6';
export const failed = 'M12 7.5v5.5M12 16.4v.1M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z';
export const more = 'M6 12h.01M12 12h.01M18 12h.01';
export const globe = 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM3.5 12h17M12 3.5c5 5 5 12 0 17M12 3.5c-5 5-5 12 0 17';
export const check = 'M5 12.5l4.5 4.5L19 7.5';
export const leave = 'M14 4.5H6.5C5.7 4.5 5 5.2 5 6v12c0 .8.7 1.5 1.5 1.5H14M10 12h10M16.5 8.5 20 12l-3.5 3.5';
export const question = 'M9 9.2c.2-2 1.4-3.2 3.2-3.2s3.2 1.1 3.2 2.8c0 2.6-3.3 2.8-3.3 5.2M12.1 18v.1';
export const hand =
  'M8 12.5V6.2a1.3 1.3 0 0 1 2.6 0V11M10.6 10.5V4.6a1.3 1.3 0 0 1 2.6 0V11M13.2 10.8V5.6a1.3 1.3 0 0 1 2.6 0V12M15.8 11.5V8.3a1.3 1.3 0 0 1 2.6 0v6.4c0 3.6-2.4 6-5.8 6-3 0-4.4-1.2-6-3.8L4.4 13a1.4 1.4 0 0 1 2.3-1.5L8 13.2';
export const sound = 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11';
export const mute = 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM16 9.5l5 5M21 9.5l-5 5';
export const expand = 'M14 4h6v6M20 4l-6.5 6.5M10 20H4v-6M4 20l6.5-6.5';
export const shrink = 'M20 10.5h-6.5V4M13.5 10.5 20 4M4 13.5h6.5V20M10.5 13.5 4 20';
export const chats = 'M4 5.5h16M4 12h16M4 18.5h10';
export const smile = 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM8.3 14.2a4.4 4.4 0 0 0 7.4 0M9 9.7v.1M15 9.7v.1';
