/**
 * What a customer's script meets on its page, as the manual says it, for functions that tests hand to the page. Deliberately
 * not the host's own types: the tests stand where a customer stands.
 */
import type {
  AlternateWay,
  CardChange,
  CardField,
  Invite,
  Message,
  OperatorCard,
  Uid,
  VisitorCard,
  VisitorState,
} from '../../../shared/chat.ts';

/** What `chat.on(name, …)` handed to the recorder, and what the queries said at that moment. */
export interface Heard {
  name: string;
  // What a listener was handed is what the test wants to look into.
  payload: Record<string, unknown> & { text?: string; uid?: string; message_id?: string };
  arguments: number;
  /** Milliseconds on the page's clock. */
  at: number;
  /** The controller had returned, and its task was over. */
  isLater: boolean;
  state: string;
  isAvailable: boolean;
  operator: { name: string } | null;
  unread: number;
  rating: number | null;
}

export interface PageChat {
  startChat(group?: unknown, ...more: unknown[]): void;
  closeChat(callback?: unknown): void;
  isChatAvailable(): boolean;
  sendChatByMail(mail: unknown): void;
  sendChatMessage(text: unknown, group?: unknown): Message | false;
  resendMessage(uid: Uid): void;
  discardMessage(uid: Uid): void;
  setOperatorRating(mark: unknown): void;
  hasHistory(): boolean;
  getHistory(): Message[] | false;
  getMessages(): Message[];
  getOperatorVcard(): OperatorCard | null;
  getVisitorCard(): VisitorCard;
  setVisitorCard(card: CardChange | null, callback?: () => void): void;
  inviteAccept(): void;
  inviteReject(): void;
  sendFile(input: unknown): void;
  isReadyForFileTransfer(): boolean;
  getRequiredInfo(): CardField[];
  getState(): VisitorState;
  getInvite(): Invite | null;
  getRating(): number | null;
  getRetentionAction(): { alternate_communication_way: AlternateWay } | null;
  isOnline(): boolean;
  chatTyping(text: unknown): void;
  getUnreadCounter(): number;
  clearUnreadCounter(): void;
  printCurrentChat(): void;
  show(): void;
  hide(): void;
  render(parent?: unknown): void;
  destroy(): void;
  isVisible(): boolean;
  on(event: string, listener: unknown): () => void;
  un(event: string, listener: unknown): void;
  promise: Record<string, (...args: unknown[]) => Promise<unknown>>;
}

export interface PageCallGear {
  UI: {
    registerViewController(name: string, controller: unknown): void;
    createWidget(name: string, config?: Record<string, unknown>): PageChat;
    getWidget(name: string): PageChat | undefined;
  };
  openChatWindow(): void;
  on(event: string, listener: (detail: { code: string; message: string }) => void): void;
  getVisitorId(): string | null;
  getSessionId(): string | null;
}

declare global {
  interface Window {
    CallGear: PageCallGear;
    /** The recorder's. */
    chat: PageChat;
    heard: Heard[];
    errors: { code: string; message: string }[];
    runs: number;
    isReady?: boolean;
    settings: { chat: Record<string, unknown> };
    tpls: Record<string, unknown>;
    atStart: { state: string; isAvailable?: boolean; operator?: OperatorCard | null; hasHistory?: boolean };
    taken: Message[][];
    release?: () => void;
    /** Free for a test's own notes. */
    notes: unknown[];
  }
}
