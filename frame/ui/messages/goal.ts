/** Where the message list begins the next time it is drawn: the list of chats asks for the first message of one. */
let goal: string | null = null;

/** The next message list shows the row with this key at its top. */
export const setGoal = (key: string): void => void (goal = key);

/** The row that was asked for, once. `null` follows the newest. */
export function takeGoal(): string | null {
  const key = goal;
  goal = null;
  return key;
}
