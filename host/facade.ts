/**
 * THE PUBLIC API: `CallGear`. Every member says what it does, when it may be called, and shows how.
 * Methods of widgets are in `widget.ts` and `chat-widget.ts`; the types customers get are in `types/callgear.d.ts`.
 */
import { given, toCallback, toText } from './arguments.ts';
import { setCard } from './commands.ts';
import { createEmitter } from './emitter.ts';
import { REPLY } from './forms.ts';
import type { Page } from './page.ts';
import { createProperties } from './properties.ts';
import { uuid } from './random.ts';
import { attempt, expected, ignore, warn } from './report.ts';
import { FORM, PHONE, type Widget, type WidgetConfig } from './widget.ts';

/** Marks a `CallGear` as ours and says of which site: a second loader looks for it. */
export const BRAND: symbol = Symbol.for('callgear');

export type Facade = ReturnType<typeof createFacade>;

export function createFacade(page: Page, site: string) {
  const CallGear = {
    [BRAND]: site,

    UI: {
      /**
       * Registers the function that builds your chat. It runs once, as soon as the settings are there; at once if they are.
       * The name is `consultant`. Throws a `TypeError` if `controller` is no function.
       *
       * @example
       * CallGear.UI.registerViewController('consultant', function (settings, tpls) {
       *   CallGear.UI.createWidget('consultant_chat', { settings: settings, template: tpls.chat }).render();
       * });
       */
      registerViewController: page._controllers._register,
      /**
       * Makes a widget and returns it, at any time. An unknown name gives a plain one and warns.
       *
       * @example
       * var chat = CallGear.UI.createWidget('consultant_chat', { launcher: false });
       */
      createWidget: (name: string, config?: WidgetConfig): Widget => page._create(name, Object(config))._widget,
      /**
       * Returns the newest live widget of that name, else undefined.
       *
       * @example
       * CallGear.UI.getWidget('consultant_chat').show();
       */
      getWidget: (name: string): Widget | undefined => page._newest(name)?._widget,
    },

    /**
     * Opens the chat, or the application form while no operator is online. Before the controller has run it waits for it.
     *
     * @example
     * helpButton.onclick = CallGear.openChatWindow;
     */
    openChatWindow: () => page._openPanel(),
    /**
     * Opens the application form. Before the controller has run it waits for it.
     *
     * @example
     * CallGear.openSiteRequestPanel();
     */
    openSiteRequestPanel: () => page._openPanel(FORM),
    /**
     * Opens the call form: the widget `sitephone`, if the page has made one, else the application form that asks for a number.
     *
     * @example
     * CallGear.openSitePhonePanel();
     */
    openSitePhonePanel: () => page._openPanel(PHONE),
    /**
     * Whether an operator is online. False before the first answer.
     *
     * @example
     * badge.hidden = !CallGear.getOperatorStatus();
     */
    getOperatorStatus: () => page._mirror._state.isAvailable,
    /**
     * The visitor's id, or null until the visitor has acted.
     *
     * @example
     * form.elements.visitor.value = CallGear.getVisitorId() || '';
     */
    getVisitorId: () => page._mirror._state.visitorId ?? null,
    /**
     * The id of this visit, or null until the visitor has acted.
     *
     * @example
     * form.elements.session.value = CallGear.getSessionId() || '';
     */
    getSessionId: () => page._mirror._state.sessionId ?? null,
    /**
     * Stores the visitor's data, as `setVisitorCard` does. `callback` is called once, later, with `{success}`.
     *
     * @example
     * CallGear.addVisitorInfo({ name: user.name, email: user.email });
     */
    addVisitorInfo: (info: unknown, callback?: (outcome: { success: boolean }) => void): void =>
      void setCard(page, 'addVisitorInfo', given(info), given(callback)).catch(ignore),
    /**
     * Sends an application, as the built-in form does: for a form of your own. `callback` is called once, later, with
     * `{success, result: {title, message}}`.
     *
     * @example
     * CallGear.addOfflineRequest({ phone: box.value, message: 'Call me' }, function (answer) { note.textContent = answer.result.message; });
     */
    addOfflineRequest(
      request: unknown,
      callback?: (answer: { success: boolean; result: { title: string; message: string } }) => void,
    ): void {
      const called = toCallback(given(callback));
      const form = createEmitter(undefined, REPLY);
      if (called) form.on(REPLY, ({ success, info }: { success: boolean; info: object }) => called({ success, result: info }));
      page._sendRequest(request, form);
    },
    /**
     * `setProperty(name, value)`, `getProperty(name)`, `hasProperty(name)`, `deleteProperty(name)`: what operators see of this
     * visitor, at most 50, with names of 64 and values of 1,000 characters. No act of the visitor: before there is one, nothing is stored.
     *
     * @example
     * CallGear.setProperty('plan', 'pro');
     * if (CallGear.hasProperty('basket')) CallGear.deleteProperty('basket');
     * console.log(CallGear.getProperty('plan')); // 'pro', or null
     */
    ...createProperties(page._bridge),
    /**
     * Says who the visitor is, by a token that your server has signed. Rejects with a code, for example `disabled`.
     *
     * @example
     * CallGear.identify(token).catch(function (error) { console.log(error.code); });
     */
    identify(jwt: string): Promise<unknown> {
      const id = uuid();
      return page._tell('identify', [id], 'identify', id, jwt);
    },
    /**
     * Gives or withdraws the visitor's consent; a site may be set to wait for it.
     *
     * @example
     * banner.accept.onclick = function () { CallGear.setConsent(true); };
     */
    setConsent: (isGiven: boolean): void => void page._bridge._call('setConsent', [!!isGiven]).catch(ignore),
    /**
     * Changes the language of the chat to what a BCP 47 tag means, for this page. Goes before `data-lang` and the site's setting.
     * A language that the chat does not speak becomes the nearest that it does. Throws a `TypeError` if `tag` is no text.
     *
     * @example
     * CallGear.setLanguage('pt-BR');
     */
    setLanguage(tag: string): void {
      page._bridge._call('language', [(page._language = toText(tag) || expected('a string'))]).catch(ignore);
    },
    /**
     * Listens to `ready` (the controller has returned) or `error` (`frame_blocked`, `frame_unstable`, `refused`,
     * `unreachable`). Returns what unsubscribes. Late listeners of `ready` are called in a task of their own.
     *
     * @example
     * CallGear.on('error', function (error) { console.log(error.code); });
     */
    on: page._controllers._on,
    /**
     * Runs a function with `CallGear`, or the method that an array names. What it throws is reported.
     *
     * @example
     * window.CallGear = window.CallGear || [];
     * CallGear.push(function (CallGear) { CallGear.openChatWindow(); });
     */
    push(...items: unknown[]): void {
      for (const item of items) {
        if (typeof item === 'function') attempt(() => item(CallGear));
        else {
          const [name, ...args] = Array.isArray(item) ? item : expected('a function');
          const method = (CallGear as Record<string, unknown>)[name];
          if (typeof method === 'function') attempt(() => method(...args));
          else warn('unknown command ' + name);
        }
      }
    },
  };
  return CallGear;
}
