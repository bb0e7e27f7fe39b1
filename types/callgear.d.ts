/**
 * Types of the chat's public API, for a customer's page. Works both ways:
 *
 * - as globals: `/// <reference path="callgear.d.ts" />`, then `CallGear.UI.createWidget('consultant_chat')`
 * - as a module: `import type { ConsultantChat, Message } from './callgear'`
 *
 * Queries answer at once from what the page knows; commands return nothing and wait in order for the connection.
 * A value that nothing can be made of throws a `TypeError`; what a visitor may type never throws.
 */
export {};

declare global {
  /** There as soon as the loader has run; before that, use the queue: `(window.CallGear = window.CallGear || []).push(fn)`. */
  const CallGear: CallGearApi;
  /** Other names of `CallGear`: the one of the vendor's manual, and an older one. */
  const CallGearWidget: CallGearApi;
  const Comagic: CallGearApi;
  interface Window {
    CallGear: CallGearApi;
    CallGearWidget: CallGearApi;
    Comagic: CallGearApi;
    /** The older queue: `__cs.push(['openChatWindow'])`. */
    __cs: { push(...items: QueueItem[]): void };
  }
}

/** A function that is called with `CallGear`, or the name of one of its methods and the arguments. */
export type QueueItem = ((callGear: CallGearApi) => void) | [name: string, ...args: unknown[]];

/** What can be passed on from a handler without thought: absent, or the event that caused the call. */
export type Absent = null | undefined | '' | Event;

/** How something has ended. */
export interface Outcome {
  success: boolean;
}

/** Removes the listener that was added. */
export type Unsubscribe = () => void;

// ── The global object ──────────────────────────────────────────────────────────────────────────────────────────────

export interface CallGearApi {
  readonly UI: Ui;

  /**
   * Opens the chat, or the application form while no operator is online. Before the view controller has run it waits for it.
   *
   * @example
   * helpButton.onclick = CallGear.openChatWindow;
   */
  openChatWindow(): void;

  /**
   * Opens the application form. Before the view controller has run it waits for it.
   *
   * @example
   * CallGear.openSiteRequestPanel();
   */
  openSiteRequestPanel(): void;

  /**
   * Opens the call form: the widget `sitephone`, if the page has made one, else the application form that asks for a number.
   *
   * @example
   * CallGear.openSitePhonePanel();
   */
  openSitePhonePanel(): void;

  /**
   * Changes the language of the chat on this page to what a BCP 47 tag means; goes before `data-lang` and the site's setting.
   * A language that the chat does not speak becomes the nearest one. Throws a `TypeError` if the tag is no text.
   *
   * @example
   * CallGear.setLanguage('pt-BR');
   */
  setLanguage(tag: string): void;

  /**
   * Whether an operator is online; `false` until that is known.
   *
   * @example
   * badge.hidden = !CallGear.getOperatorStatus();
   */
  getOperatorStatus(): boolean;

  /**
   * The visitor's id; `null` until the visitor has acted (sent, started, accepted, left a card).
   *
   * @example
   * form.elements.visitor.value = CallGear.getVisitorId() || '';
   */
  getVisitorId(): string | null;

  /**
   * The id of this visit; `null` until the visitor has acted.
   *
   * @example
   * form.elements.session.value = CallGear.getSessionId() || '';
   */
  getSessionId(): string | null;

  /**
   * Stores the visitor's data, as `setVisitorCard` does; the card has changed when it returns. Without anything to
   * store it does nothing. `callback` is called once, later, in any case.
   *
   * @throws {TypeError} if a value is neither text nor number, or `callback` is no function.
   * @example
   * CallGear.addVisitorInfo({ name: user.name, email: user.email }, function (outcome) { console.log(outcome.success); });
   */
  addVisitorInfo(info: CardInput | Absent, callback?: ((outcome: Outcome) => void) | Absent): void;

  /**
   * Sends an application, as the built-in form does: for a form of your own. `callback` is called once, later; without a
   * connection after 10 s with `success: false`. `result` is what can be shown to the visitor.
   *
   * @throws {TypeError} if a value is neither text nor number, or `callback` is no function.
   * @example
   * CallGear.addOfflineRequest({ phone: box.value, message: 'Please call me' }, function (answer) {
   *   note.textContent = answer.result.message;
   * });
   */
  addOfflineRequest(
    request: RequestInput | Absent,
    callback?: ((answer: Outcome & { result: { title: string; message: string } }) => void) | Absent,
  ): void;

  /**
   * Shows operators something of this visitor, such as a customer number, a plan or the basket: a text, a number or a boolean, which
   * becomes text. Absent and empty ones take it back. At most 50, with names of 64 and values of 1,000 characters. It is no act of
   * the visitor: nothing is stored before there is one; from then on it is kept as long as the visitor is.
   *
   * @throws {TypeError} if the name or the value is of no such kind, too long, or one too many.
   * @example
   * CallGear.setProperty('plan', 'pro');
   */
  setProperty(name: string | number, value: string | number | boolean | Absent): void;

  /**
   * What this page has set under that name, as text, else `null`.
   *
   * @throws {TypeError} if `name` is none.
   * @example
   * console.log(CallGear.getProperty('plan')); // 'pro'
   */
  getProperty(name: string | number): string | null;

  /**
   * Whether this page has set something under that name.
   *
   * @throws {TypeError} if `name` is none.
   * @example
   * if (!CallGear.hasProperty('basket')) CallGear.setProperty('basket', 'empty');
   */
  hasProperty(name: string | number): boolean;

  /**
   * Takes a property back, also one that another page of this visitor has set.
   *
   * @throws {TypeError} if `name` is none.
   * @example
   * CallGear.deleteProperty('basket');
   */
  deleteProperty(name: string | number): void;

  /**
   * Says who the visitor is, by a token that your server has signed. Rejects with an error whose `code` says why, for example
   * `disabled` where the site has no keys for it.
   *
   * @example
   * CallGear.identify(token).catch(function (error) { console.log(error.code); });
   */
  identify(jwt: string): Promise<unknown>;

  /**
   * Gives or withdraws the visitor's consent. A site may be set to connect only with it; withdrawing clears all stored data.
   *
   * @example
   * acceptButton.onclick = function () { CallGear.setConsent(true); };
   */
  setConsent(isGiven: boolean): void;

  /**
   * `ready`: the view controller has returned; a listener that comes later is called in a task of its own. `error`: the chat
   * itself is in trouble: `frame_blocked`, `frame_unstable`, `refused`, or `unreachable` (the page had to begin without the
   * server; told once, and healed in silence).
   *
   * @throws {TypeError} if `listener` is no function.
   * @example
   * CallGear.on('error', function (error) { if (error.code === 'frame_blocked') showPhoneNumber(); });
   */
  on(name: 'ready', listener: () => void): Unsubscribe;
  on(name: 'error', listener: (error: ChatFailure) => void): Unsubscribe;

  /**
   * Runs each function with `CallGear`, or the method that an array names. What a function throws is reported on the console.
   *
   * @example
   * window.CallGear = window.CallGear || [];
   * CallGear.push(function (CallGear) { CallGear.openChatWindow(); });
   */
  push(...items: QueueItem[]): void;
}

/** A view controller; it may return a promise, which events of the chat wait for (10 s at most). */
export type ViewController = (settings: Settings, templates: Templates) => void | Promise<void>;

/** Templates by widget; `chat` and `consultant_chat` are one. */
export interface Templates {
  readonly [widget: string]: unknown;
  readonly chat: unknown;
}

export interface Ui {
  /**
   * Registers the function that builds your chat, under the name `consultant`. It runs once per page, when settings and the
   * visitor's state are there; at once if they are. A second registration before that replaces the first, later ones are ignored.
   *
   * @throws {TypeError} if `controller` is no function.
   * @example
   * CallGear.UI.registerViewController('consultant', function (settings, tpls) {
   *   CallGear.UI.createWidget('consultant_chat', { settings: settings, template: tpls.chat }).render();
   * });
   */
  registerViewController(name: 'consultant', controller: ViewController): void;

  /**
   * Makes a widget and returns it, anywhere and at any time. An unknown name gives a plain widget. What `config` has beyond
   * the known options becomes a member of the widget.
   *
   * @example
   * var chat = CallGear.UI.createWidget('consultant_chat', { launcher: false });
   */
  createWidget<T extends object = object>(name: 'consultant_chat', config?: WidgetConfig & T): ConsultantChat & T;
  createWidget<T extends object = object>(name: 'consultant_offline_message', config?: WidgetConfig & T): OfflineMessage & T;
  createWidget<T extends object = object>(name: string, config?: WidgetConfig & T): Widget & T;

  /**
   * The newest widget of that name that has not been destroyed, else `undefined`.
   *
   * @example
   * var chat = CallGear.UI.getWidget('consultant_chat');
   */
  getWidget(name: 'consultant_chat'): ConsultantChat | undefined;
  getWidget(name: 'consultant_offline_message'): OfflineMessage | undefined;
  getWidget(name: string): Widget | undefined;
}

export interface WidgetConfig {
  /** Absent or `tpls.chat`: the built-in interface. An element: that is the widget, and ours stays away. */
  template?: unknown;
  /** The same as `template`. */
  tpl?: unknown;
  /** Appearance (title, positions, animation, colour) for this page; rules stay the site's. */
  settings?: unknown;
  /** `false` keeps the built-in launcher away. */
  launcher?: boolean;
  /**
   * `true`: `sendmessage` also tells, as `System` messages, that an operator joined, left or handed the chat over, and that it ended.
   * For an interface of your own: the built-in one says it by itself. They are in no history.
   */
  systemMessages?: boolean;
  /** Makes `openChatWindow()` call `show(true)`. */
  isOpenWithVisibilityObserver?: boolean;
  /** The same, in the vendor's other spelling. */
  isShowWithVisibilityObserver?: boolean;
  /** Replaces the default action of `show`: our panel stays closed, an element keeps its class. Exactly `false`: not done. */
  show?(isApi?: boolean): unknown;
  /** Replaces the default action of `hide`: our panel stays open, an element keeps its class. Exactly `false`: not done. */
  hide?(isApi?: boolean): unknown;
}

// ── Widgets ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Synchronous, without argument. A `before…` listener that returns exactly `false` cancels; the others still run. */
export interface LifecycleEvents {
  beforerender: void;
  render: void;
  beforeshow: void;
  show: void;
  beforehide: void;
  hide: void;
  beforedestroy: void;
}

/** Methods work detached: `button.onclick = widget.show`. Listeners run with `this` being the widget. */
export interface Widget<Events = LifecycleEvents> {
  readonly name: string;
  readonly settings: Settings | undefined;

  /**
   * Shows the widget; emits `beforeshow` and `show`. Before `render` it keeps the flag for later. Does nothing if shown, except
   * that a chat comes out from behind the application form.
   *
   * @example
   * chat.show();
   */
  show(isApi?: boolean | Absent): void;

  /**
   * Hides the widget; emits `beforehide` and `hide`. Does nothing if hidden. Ends no chat.
   *
   * @example
   * chat.hide();
   */
  hide(isApi?: boolean | Absent): void;

  /**
   * Makes the widget visible in principle, floating or inside `parent`, there before the node `before` if it is given; emits
   * `beforerender` and `render`. Once only.
   *
   * @throws {TypeError} if `parent` is given and is no `Element` (selectors and collections of a library are none), or `before` no child of it.
   * @example
   * chat.render(document.getElementById('help'));
   */
  render(parent?: Element | Absent, before?: Node | false | Absent): void;

  /**
   * Removes the widget, and its element if it was rendered; emits `beforedestroy`. Nothing is delivered to it any more, and
   * `show`, `hide` and `render` do nothing; questions and commands of a chat go on working. Ends no chat.
   *
   * @example
   * chat.destroy();
   */
  destroy(): void;

  /**
   * Whether it is shown: already `true` during the `show` event, already `false` during the `hide` event.
   *
   * @example
   * if (!chat.isVisible()) badge.hidden = false;
   */
  isVisible(): boolean;

  /**
   * The widget's element on the page, or the first element in it that matches: your own element, else the box in `parent`,
   * else, for a chat that was rendered, the iframe. `null` where there is none.
   *
   * @example
   * var el = chat.getEl();
   * if (el) el.style.width = '400px';
   */
  getEl<E extends Element = HTMLElement>(selector?: string | Absent): E | null;

  /**
   * Calls `listener` whenever `name` happens, with a copy of its own of what happened. Returns what unsubscribes.
   *
   * @throws {TypeError} if `listener` is no function.
   * @example
   * chat.on('sendmessage', function (message) { list.append(message.text); });
   */
  on<K extends keyof Events>(name: K, listener: (this: this, payload: Events[K]) => unknown): Unsubscribe;

  /**
   * Calls `listener` the next time `name` happens.
   *
   * @throws {TypeError} if `listener` is no function.
   * @example
   * chat.once('operatorjoined', function (operator) { greet(operator.name); });
   */
  once<K extends keyof Events>(name: K, listener: (this: this, payload: Events[K]) => unknown): Unsubscribe;

  /**
   * Removes a listener, whether `on` or `once` has added it.
   *
   * @example
   * chat.un('sendmessage', add);
   */
  un<K extends keyof Events>(name: K, listener: (this: this, payload: Events[K]) => unknown): void;

  /**
   * The same as `un`.
   *
   * @example
   * chat.off('sendmessage', add);
   */
  off<K extends keyof Events>(name: K, listener: (this: this, payload: Events[K]) => unknown): void;
}

export interface OfflineMessageEvents extends LifecycleEvents {
  /** The answer to `sendRequest`, always, on the form that asked; after 10 s without a connection with `success: false`. */
  sendofflinerequest: { success: boolean; info: { title: string; message: string } };
}

/** The application form: a message for operators who are not there. */
export interface OfflineMessage extends Widget<OfflineMessageEvents> {
  /**
   * Sends a request; `sendofflinerequest` answers. Numbers count as text, empty members as absent.
   *
   * @throws {TypeError} if a value is neither text nor number.
   * @example
   * form.sendRequest({ name: 'Vera', email: 'vera@example.com', message: 'Please call me' });
   */
  sendRequest(request: RequestInput): void;
}

/** What a visitor leaves behind. Numbers count as text, empty members as absent. */
export interface RequestInput extends CardInput {
  message?: string | number | null;
  group_id?: string | number | null;
}

// ── The chat ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the visitor is doing. */
export type VisitorState = 'available' | 'invite' | 'chat' | 'lead';

/** A message. `text` is plain text; show it as text. */
export interface Message {
  text: string;
  /** Unix seconds. */
  date: number;
  source: 'Operator' | 'Visitor' | 'System';
  /** The operator's name, else the same as `source`. */
  from: string;
  sender: 'operator' | 'visitor' | 'system' | 'bot';
  /** `null` for an own message before the server has it. */
  chat_id: string | null;
  /** `null` for an own message before the server has it. */
  message_id: string | null;
  /** The same before and after the server has it. */
  uid: string | null;
  /** On every operator message. */
  operator_info?: OperatorCard;
  /** On files: where it is, its name and its size as text. `text` is the name too. */
  fx_link?: string;
  fx_name?: string;
  fx_size_info?: string;
}

export interface OperatorCard {
  name: string;
  position: string | null;
  /** An absolute address, or `null`. */
  avatar: string | null;
}

export interface VisitorCard {
  name?: string;
  /** Up to five. */
  email?: string[];
  /** Up to five. */
  phone?: string[];
}

/** Name is replaced, e-mail and phone are added. Absent and empty ones are left alone. */
export interface CardInput {
  name?: string | number | null;
  email?: string | number | null;
  phone?: string | number | null;
}

/** What the server says of an own message that it has stored. */
export interface Delivery {
  uid: string;
  message_id: string;
  chat_id: string;
  date: number;
}

export interface Invite extends Message {
  /** The text to show. */
  invite_message: string;
  /** It stood already when this page came. */
  replayed?: boolean;
}

export interface RetentionAction {
  /** `offline_message`: application form · `sitephone`: call form · `chat`: choice of a group. */
  alternate_communication_way: 'offline_message' | 'sitephone' | 'chat';
  /** It stood already when this page came. */
  replayed?: boolean;
}

export interface ChatFailure {
  code: string;
  message: string;
  /** The method that failed, if it was one. */
  command?: string;
}

export interface ChatEvents extends LifecycleEvents {
  /** An operator has joined the chat. */
  operatorjoined: OperatorCard;
  /** The operator has left the chat. */
  operatorleave: { name: null; position: null; avatar: null };
  /** A message of operator, system or bot, an own one from another page, or an own file. */
  sendmessage: Message;
  /** An own message of this page, by script or by the built-in interface. */
  messagesent: { message: Message; via: 'api' | 'ui' };
  /** Another way to get in touch should be offered, once per wait. */
  showchatretentionaction: RetentionAction;
  /** The answer of `isChatAvailable()` has changed. */
  chatavailabilitychange: boolean;
  /** An operator, or the automatic invitation, invites to a chat. */
  invite: Invite;
  /** The answer to `startChat`. */
  startchat: void;
  /** The answer to `closeChat`. */
  closechat: void;
  /** The answer to `inviteAccept`. */
  inviteaccept: void;
  /** The answer to `inviteReject`. */
  invitereject: void;
  /** The answer to `setOperatorRating`, before `ratingchange`. */
  setrating: number;
  /** The answer to `sendChatByMail`. */
  sendchatbymail: { success: boolean; error?: string };
  /** The rating of this chat's operator has changed, on any page. */
  ratingchange: number | null;
  /** The visitor's state has changed, on any page. */
  statechange: VisitorState;
  /** The operator is typing; repeated at most every 3 s while it lasts. */
  chattyping: { name: string };
  /** Once, after the controller has returned: the last messages of the current chat, oldest first. */
  showhistory: Message[];
  /** The unread number changed because messages were read. */
  messageviewed: void;
  /** The server has an own message. */
  messagedelivered: Delivery;
  /** An own message could not be sent; see `resendMessage`. */
  messagefailed: { uid: string; reason: string };
  /** How far an own file is. */
  fileprogress: { uid: string; name: string; size: number; loaded: number; total: number };
  /** The answer of `hasHistory()` has changed without a call. */
  historychange: boolean;
  connectionchange: { online: boolean };
  /** Something could not be done. */
  error: ChatFailure;
}

/** A file input, or what it holds. */
export type FileInput = { readonly files: ArrayLike<File> | null } | File | ArrayLike<File>;

/** The commands, for `chat` returning nothing and for `chat.promise` returning promises. */
export interface ChatCommands<Result> {
  /**
   * Begins a chat: the visitor is waiting for an operator. `statechange('chat')` if that is new, then `startchat` answers.
   *
   * @throws {TypeError} if the group's id is neither text nor number.
   * @example
   * chat.on('show', function () { chat.startChat(); });
   */
  startChat(group_id?: string | number | Absent): Result;

  /**
   * Ends the chat. `closechat` answers if there was one; `callback` is called once in any case, later.
   *
   * @throws {TypeError} if `callback` is given and is no function.
   * @example
   * chat.on('beforehide', function () { chat.closeChat(); });
   */
  closeChat(callback?: (() => void) | Absent): Result;

  /**
   * Sends the conversation to an address; `sendchatbymail` answers, with `success: false` for a mistyped one.
   *
   * @example
   * chat.sendChatByMail('vera@example.com');
   */
  sendChatByMail(mail: string): Result;

  /**
   * Tries a failed message again, under the same `uid`. One that has not failed is left alone.
   *
   * @example
   * chat.on('messagefailed', function (failed) { chat.resendMessage(failed.uid); });
   */
  resendMessage(uid: string): Result;

  /**
   * Gives a failed message up, or takes one back that still waits in the page: that one fails with `unavailable`. Any other may
   * be stored already: `error` with `not_found`.
   *
   * @example
   * chat.on('messagefailed', function (failed) { chat.discardMessage(failed.uid); });
   */
  discardMessage(uid: string): Result;

  /**
   * Rates the operator of the current chat, or of the last one within a day. `setrating` answers; `error` with
   * `invalid_argument` unless it is a whole number from 1 to 5.
   *
   * @example
   * star.onclick = function () { chat.setOperatorRating(star.dataset.mark); };
   */
  setOperatorRating(mark: number | string, comment?: string | Absent): Result;

  /**
   * Stores what the visitor has told; card and required info have changed when it returns.
   *
   * @throws {TypeError} if a value is neither text nor number, or `callback` is given and is no function.
   * @example
   * chat.setVisitorCard({ name: 'Vera', email: 'vera@example.com' });
   */
  setVisitorCard(card: CardInput | null | undefined, callback?: ((outcome: Outcome) => void) | Absent): Result;

  /**
   * Accepts the invitation; starts a chat if it is gone. `statechange('chat')`, then `inviteaccept`.
   *
   * @example
   * yes.onclick = chat.inviteAccept;
   */
  inviteAccept(event?: Absent): Result;

  /**
   * Declines the invitation. `statechange('available')`, then `invitereject`.
   *
   * @example
   * no.onclick = chat.inviteReject;
   */
  inviteReject(event?: Absent): Result;

  /**
   * Sends files. They are taken before it returns, so that the input may be reset. `fileprogress` tells how far each is.
   *
   * @throws {TypeError} if it is given anything but files.
   * @example
   * input.onchange = function () { chat.sendFile(input); input.value = ''; };
   */
  sendFile(input: FileInput | Absent): Result;

  /**
   * Shows the operator the whole draft as it is typed. Never stored; sending clears it.
   *
   * @example
   * box.oninput = function () { chat.chatTyping(box.value); };
   */
  chatTyping(text: string | Absent): Result;

  /**
   * Says that everything has been seen; the number is 0 when it returns.
   *
   * @example
   * panel.onfocus = chat.clearUnreadCounter;
   */
  clearUnreadCounter(event?: Absent): Result;

  /**
   * Prints the conversation, not the page.
   *
   * @example
   * printButton.onclick = chat.printCurrentChat;
   */
  printCurrentChat(event?: Absent): Result;
}

/**
 * The same commands as promises, rejected with an error that has a `code`. They resolve when the server has carried them out,
 * with these exceptions, which resolve as soon as the chat has accepted them: `chatTyping`, `clearUnreadCounter`,
 * `printCurrentChat`, `discardMessage`, and `resendMessage` of a message that the chat had before it failed.
 */
export interface PromiseCommands extends ChatCommands<Promise<unknown>> {
  /**
   * Sends a message; resolves when the server has it. Empty text is not sent and resolves with `false` instead.
   *
   * @example
   * chat.promise.sendChatMessage('Hello').then(function (delivered) { console.log(delivered.message_id); });
   */
  sendChatMessage(text: string | number | Absent, group_id?: string | number | Absent): Promise<Delivery>;

  /**
   * Sends files; resolves with the message, or with a list of them for several files. Rejects as soon as one has failed.
   *
   * @example
   * chat.promise.sendFile(input).then(function () { input.value = ''; });
   */
  sendFile(input: FileInput | Absent): Promise<Message | Message[]>;
}

export interface ConsultantChat extends Widget<ChatEvents>, ChatCommands<void> {
  /** Every command, returning a promise. */
  readonly promise: PromiseCommands;

  /**
   * Sends a message and returns it as it can be shown at once; `false` if it is empty. Starts a chat if there is none.
   * `messagedelivered` or `messagefailed` tell its fate by `uid`.
   *
   * @throws {RangeError} if it is longer than 4,096 characters, so that the draft can be kept.
   * @throws {TypeError} if it is neither text nor number.
   * @example
   * form.onsubmit = function () { add(chat.sendChatMessage(box.value)); return false; };
   */
  sendChatMessage(text: string | number | Absent, group_id?: string | number | Absent): Message | false;

  /**
   * Whether an operator is online: of the chat's group during a chat, else any.
   *
   * @example
   * button.disabled = !chat.isChatAvailable();
   */
  isChatAvailable(): boolean;

  /**
   * Whether the next `getHistory()` returns messages.
   *
   * @example
   * if (chat.hasHistory()) for (const message of chat.getHistory() || []) prepend(message);
   */
  hasHistory(): boolean;

  /**
   * The next page back, 20 messages at most, newest first; `false` when there is none. Begins before the oldest message that
   * this widget was given.
   *
   * @example
   * for (const message of chat.getHistory() || []) list.prepend(message.text);
   */
  getHistory(): Message[] | false;

  /**
   * The current chat, oldest first, with messages that are not sent yet. Leaves `getHistory` where it was.
   *
   * @example
   * chat.getMessages().forEach(add);
   */
  getMessages(): Message[];

  /**
   * The operator of the current chat, or `null`.
   *
   * @example
   * const operator = chat.getOperatorVcard();
   */
  getOperatorVcard(): OperatorCard | null;

  /**
   * The visitor's known data.
   *
   * @example
   * nameField.value = chat.getVisitorCard().name || '';
   */
  getVisitorCard(): VisitorCard;

  /**
   * Whether a file can be sent now.
   *
   * @example
   * input.disabled = !chat.isReadyForFileTransfer();
   */
  isReadyForFileTransfer(): boolean;

  /**
   * What the site requires of a visitor and the card lacks.
   *
   * @example
   * if (chat.getRequiredInfo().length) showForm();
   */
  getRequiredInfo(): ('name' | 'email' | 'phone')[];

  /**
   * What the visitor is doing.
   *
   * @example
   * if (chat.getState() === 'chat') closeButton.hidden = false;
   */
  getState(): VisitorState;

  /**
   * The standing invitation, or `null`.
   *
   * @example
   * const invite = chat.getInvite();
   */
  getInvite(): Invite | null;

  /**
   * The visitor's mark for the operator, or `null`.
   *
   * @example
   * stars.value = chat.getRating() || 0;
   */
  getRating(): number | null;

  /**
   * The other way to get in touch that is offered, or `null`.
   *
   * @example
   * button.hidden = chat.getRetentionAction() === null;
   */
  getRetentionAction(): RetentionAction | null;

  /**
   * Whether the chat is connected to its server.
   *
   * @example
   * note.hidden = chat.isOnline();
   */
  isOnline(): boolean;

  /**
   * Operator messages that the visitor has not seen.
   *
   * @example
   * badge.textContent = chat.getUnreadCounter();
   */
  getUnreadCounter(): number;
}

// ── Settings ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Field {
  name: 'name' | 'email' | 'phone' | 'message';
  is_required: boolean;
  title: string;
}

export interface Group {
  id: string;
  name: string;
}

/** The site's settings, as its administrator made them. A copy: changing it changes nothing. */
export interface Settings {
  /** The language of all texts here: the one that the chat spoke when the settings were told. */
  language: 'en' | 'de' | 'fr' | 'es' | 'pt-BR' | 'it' | 'nl' | 'pl' | 'sv' | 'ru' | 'uk' | 'tr' | 'ar' | 'he' | 'ja' | 'zh';
  chat: {
    title: string;
    /** The first words of an empty chat; empty where the site has none of its own. */
    greeting: string;
    /** Offered before a chat; one of them is its first message. */
    questions: string[];
    is_visible: boolean;
    is_team_shown: boolean;
    fields: Field[] | null;
    /** Also `false` while there is no group to choose. */
    is_groups_enabled: boolean;
    group_title: string | null;
    allowed_groups: Group[];
    is_file_transfer: boolean;
    is_consultant_operator_rating: boolean;
    is_animation_enabled: boolean;
    h_position: 'left' | 'right';
    /** `middle` is for your own interface; the built-in one takes it for `bottom`. */
    v_position: 'top' | 'middle' | 'bottom';
    retention: {
      is_alternate_communication_way_enabled: boolean;
      /** Seconds. */
      alternate_communication_way_timeout: number;
      messages: { timeout: number; text: string }[];
      alternate_communication_way: 'offline_message' | 'sitephone' | 'chat';
    };
    /** Whether operators see the draft; an own interface should say so. */
    is_typing_preview: boolean;
    message_max_length: 4096;
    file: { max_size: number; accept: string[] };
    /** The automatic invitation, after so many seconds on a page while an operator is online. */
    invite: { is_enabled: boolean; timeout: number; text: string; name: string };
  };
  offline_message: {
    title: string;
    is_visible: boolean;
    fields: Field[] | null;
    /** Also `false` while there is no group to choose. */
    is_groups_enabled: boolean;
    group_title: string | null;
    allowed_groups: Group[];
    /** These three are for your own interface; the built-in form opens where the chat is. */
    is_animation_enabled: boolean;
    h_position: 'left' | 'right';
    v_position: 'top' | 'middle' | 'bottom';
  };
  common: {
    /** Such as `#1f5eff`. */
    banner_color: string;
    /** The text on that colour: `auto` for white or black, whichever suits it, `light`, `dark`, or a colour. */
    accent_text: string;
    launcher_icon: 'chat' | 'question' | 'hand';
    /** Words beside the launcher; empty: none. */
    launcher_label: string;
    /** Pixels from 0 to 120 that the launcher keeps from its corner to the side, besides the usual margin; not on phones. */
    offset_x: number;
    /** The same up or down. */
    offset_y: number;
    /** Where the page shows unread messages. */
    badge: 'title' | 'icon' | 'both' | 'none';
    /** Shown in the first view, with a link to `privacy_url`; empty where it is not set. */
    company: string;
    privacy_url: string;
    /** The site's choice, empty where it has none. */
    language: '' | Settings['language'];
    /** What times in mails and on paper are written in, such as `Europe/Berlin`. */
    time_zone: string;
    /** The address of the site's picture; empty: none. */
    logo: string;
  };
  /** `required`: no connection before `CallGear.setConsent(true)`. */
  consent: 'on-interaction' | 'required';
}
