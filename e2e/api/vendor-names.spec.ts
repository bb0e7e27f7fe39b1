/** Names of the vendor's manual beside the chat itself, as a page's script and an operator meet them. */
import { expect, test } from '../support/fixtures.ts';

interface Names {
  CallGearWidget: { setProperty(name: string, value: unknown): void; deleteProperty(name: string): void };
  said: string[];
}

test('[FF.D8] [OP.properties] an operator reads what the page tells of its visitor, before the first act and after, and the next page adds to it', async ({
  world,
}) => {
  const operator = await world.operator();
  const visitor = await world.visitor('recorder.html?headless');
  await visitor.page.evaluate(() => {
    const { CallGearWidget } = window as unknown as Names;
    CallGearWidget.setProperty('Customer no.', 4711);
    CallGearWidget.setProperty('Plan', 'free');
  });
  await operator.open('On site');
  const details = operator.page.getByRole('complementary', { name: 'Details' });
  await expect(details).toContainText('Customer no.4711');
  await expect(details).toContainText('Planfree');
  await visitor.done('sendChatMessage', 'Hello');
  await operator.sees('Waiting');
  await visitor.open('recorder.html?headless');
  await visitor.page.evaluate(() => {
    const { CallGearWidget } = window as unknown as Names;
    CallGearWidget.setProperty('Plan', 'pro');
    CallGearWidget.setProperty('<img src=x>', '‮basket');
  });
  await operator.open('Waiting');
  await expect(details).toContainText('Customer no.4711');
  await expect(details).toContainText('Planpro');
  await expect(details).toContainText('<img src=x>');
  await visitor.page.evaluate(() => (window as unknown as Names).CallGearWidget.deleteProperty('Customer no.'));
  await expect(details).not.toContainText('4711');
});

test('[FF.D9] [EV.system] an interface of its own reads who joins, hands over and leaves, and that the chat has ended; no other widget does', async ({
  world,
}) => {
  const [anna, boris] = [await world.operator('Anna'), await world.operator('Boris')];
  const visitor = await world.visitor('recorder.html?headless');
  await visitor.page.evaluate(() => {
    const names = window as unknown as Names;
    names.said = [];
    window.CallGear.UI.createWidget('consultant_chat', { systemMessages: true }).on(
      'sendmessage',
      (message: { source: string; text: string }) => void names.said.push(`${message.source}: ${message.text}`),
    );
  });
  const said = () => visitor.page.evaluate(() => (window as unknown as Names).said);
  await visitor.done('startChat');
  await anna.join();
  await expect.poll(said).toEqual(['System: Anna joined the chat']);
  await anna.button('Transfer').click();
  await anna.page.getByRole('button', { name: /Boris/ }).click();
  await expect.poll(said).toHaveLength(2);
  await visitor.done('closeChat');
  await expect.poll(said).toHaveLength(3);
  expect(await said()).toEqual([
    'System: Anna joined the chat',
    'System: Anna handed the chat over to Boris',
    'System: You ended the chat',
  ]);
  expect(await visitor.order('sendmessage')).toEqual([]);
  await boris.sees('On site');
});

test('[FF.E12] [LO.stub] with every shared prototype frozen the stub, the chat and its promises work', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('embed-frozen.html');
  await visitor.openChat();
  await visitor.say('Hello from a cautious page');
  await operator.join();
  await operator.reply('Hello');
  await visitor.sees('Hello');
  const { page } = visitor;
  const failed = await page.evaluate(() => {
    const { chat } = window as unknown as { chat: { promise: Record<string, (...args: unknown[]) => Promise<unknown>> } };
    return chat.promise['setOperatorRating']!(9).then(
      () => 'done',
      (error: { name: string; code: string }) => `${error.name} ${error.code}`,
    );
  });
  expect([
    failed,
    await page.evaluate(() => String((window as unknown as { chat: object }).chat)),
    await page.evaluate(() => (window as unknown as { problems: string[] }).problems),
  ]).toEqual(['ChatError invalid_argument', 'mine', []]);
});
