/** Whether a text is nothing but a few emoji, which are then drawn large. */

/** Longer texts are not looked at: three of the longest emoji there are take less. */
const LONGEST = 120;

const ONE =
  '(?:\\p{RI}{2}|[\\d#*]\\ufe0f?\\u20e3|(?:\\p{Emoji_Presentation}|\\p{Emoji}\\ufe0f|\\p{Emoji_Modifier_Base}\\p{Emoji_Modifier})\\p{Emoji_Modifier}?(?:\\u200d\\p{Extended_Pictographic}[\\ufe0f\\p{Emoji_Modifier}]?){0,8}[\\u{e0020}-\\u{e007f}]{0,8})';
const FEW = new RegExp(`^(?:\\s{0,4}${ONE}){1,3}\\s{0,4}$`, 'u');

/**
 * @example
 * isEmoji('👍🏽 ❤️'); // true
 */
export function isEmoji(text: string): boolean {
  return text.length <= LONGEST && FEW.test(text);
}
