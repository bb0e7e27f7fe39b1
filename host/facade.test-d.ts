/**
 * The types that customers get, held against the implementation: names in both directions, nouns by assignment, and what the
 * contract must refuse. Checked by the compiler; nothing here runs.
 */
// The way a page without modules takes them.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="../types/callgear.d.ts" />
import type * as shared from '../shared/chat.ts';
import type { Settings } from '../shared/settings.ts';
import type { Facade } from './facade.ts';

type Api = typeof CallGear;
const chat = CallGear.UI.createWidget('consultant_chat', { mine: 7 });

type Chat = typeof chat;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const isTrue = <T extends true>(_: T): void => {};

// The global object has exactly the names the facade has.
isTrue<Same<keyof Api, Extract<keyof Facade, string>>>(true);
isTrue<Same<keyof Api['UI'], keyof Facade['UI']>>(true);

// Nouns: what the treaty says is what a customer sees.
type Message = Exclude<ReturnType<Chat['getHistory']>, false>[number];
isTrue<Same<Message, shared.Message>>(true);
isTrue<Same<ReturnType<Chat['getOperatorVcard']>, shared.OperatorCard | null>>(true);
isTrue<Same<ReturnType<Chat['getVisitorCard']>, shared.VisitorCard>>(true);
isTrue<Same<ReturnType<Chat['getState']>, shared.VisitorState>>(true);
type Told = Parameters<Parameters<Api['UI']['registerViewController']>[1]>[0];
isTrue<Same<Told, Settings>>(true);

// Commands return nothing, their promises do; queries return plain values.
isTrue<Same<ReturnType<Chat['startChat']>, void>>(true);
const promise: Promise<unknown> = chat.promise.startChat();
const has: boolean = chat.hasHistory();
const mine: number = chat.mine;
const delivered: Promise<string> = chat.promise.sendChatMessage('Hello').then((message) => message.message_id);
chat.getEl()!.style.width = '400px';
chat.getEl<HTMLInputElement>('input')?.value.trim();

// What callers write.
chat.on('sendmessage', (message) => message.text.length);
chat.on('invite', ({ invite_message }) => invite_message.length);
chat.on('beforehide', () => false);
document.body.onclick = chat.inviteAccept;
chat.sendFile(document.createElement('input'));
chat.setVisitorCard({ name: 'Vera', phone: 47 }, () => {});
CallGear.push((api) => api.openChatWindow(), ['openChatWindow']);
CallGear.UI.createWidget('consultant_offline_message').on('sendofflinerequest', ({ info }) => info.title);
CallGear.UI.createWidget('consultant_offline_message').sendRequest({ phone: 47, group_id: 5, message: null });
CallGear.UI.createWidget('lead_generator').show();
CallGear.addVisitorInfo('');

// What the contract refuses.
// @ts-expect-error a message is text
chat.sendChatMessage({ text: 'Hello' });
// @ts-expect-error a listener is a function
chat.on('show', 'listener');
// @ts-expect-error no such event
chat.on('sendmesage', () => {});
// @ts-expect-error a card has no address
chat.setVisitorCard({ address: 'Oslo' });
// @ts-expect-error a widget is no promise
chat.then;
// @ts-expect-error only the chat has it
CallGear.UI.createWidget('lead_generator').startChat();

export { promise, has, mine, delivered };
