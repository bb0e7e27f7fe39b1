/** When the chat sounds: counted are the notes that it lets the browser play, two for each ring. */
import { expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import type { Workplace } from '../support/pages/workplace.ts';

interface Listening {
  visitor: VisitorPage;
  operator: Workplace;
  /** Waits until so many notes were played since the page was loaded. */
  plays(notes: number): Promise<void>;
  close(): Promise<void>;
}

/** A conversation that the page has begun, in whose frame nobody has acted yet. */
async function listen(world: World): Promise<Listening> {
  const operator = await world.operator();
  const visitor = await world.stranger();
  await visitor.page.addInitScript(() => {
    const notes = Object.assign(window as unknown as { played: number }, { played: 0 });
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (at) {
      notes.played += 1;
      start.call(this, at);
    };
  });
  await visitor.open();
  await visitor.done('startChat');
  await operator.join();
  await visitor.hears('operatorjoined');
  return {
    visitor,
    operator,
    plays: (notes) =>
      expect.poll(() => visitor.frame.locator('body').evaluate(() => (window as unknown as { played: number }).played)).toBe(notes),
    async close() {
      await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
      await expect(visitor.launcher).toBeVisible();
    },
  };
}

test('[VI.sound] it rings once for what nobody looks at, and only after an act in the chat', async ({ world }) => {
  const { visitor, operator, plays, close } = await listen(world);
  // Of what does not ring a later number would tell.
  await operator.reply('One');
  await expect(visitor.launcher).toHaveAccessibleDescription(/1 new message/);
  await visitor.openChat();
  await visitor.say('I am here');
  await close();
  await operator.reply('Two');
  await plays(2);
  await visitor.openChat();
  await visitor.box.focus();
  await operator.reply('Three');
  await visitor.sees('Three');
  await close();
  await operator.reply('Four');
  await plays(4);
  expect(visitor.console).toEqual([]);
});

test('[VI.sound] switched off in the menu it is silent on the next page as well, until it is switched on again', async ({ world }) => {
  const { visitor, operator, plays, close } = await listen(world);
  const sound = visitor.frame.getByRole('switch', { name: 'Sound' });
  const turn = async (isOn: boolean) => {
    await visitor.openChat();
    await visitor.openMenu();
    await expect(sound).toBeChecked({ checked: !isOn });
    await sound.click();
    await expect(sound).toBeChecked({ checked: isOn });
    await close();
  };
  await turn(false);
  await visitor.open();
  await visitor.openChat();
  await close();
  await operator.reply('Unheard');
  await expect(visitor.launcher).toHaveAccessibleDescription(/1 new message/);
  await turn(true);
  await operator.reply('Heard');
  await plays(2);
  expect(visitor.console).toEqual([]);
});
