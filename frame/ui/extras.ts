/**
 * What not every visitor needs, in a chunk that loads right after the chat can be used: what stands between the messages and the
 * composer, forms, the invitation, links, files under way, notices of failures and losses, and the printed transcript.
 */
import './styles/extras.css';
import './styles/contrast.css';
import './styles/corner.css';
import './styles/menu.css';
import './styles/conversation.css';
import './styles/print.css';

export { Attach } from './composer/Attach.tsx';
export { Attached } from './composer/Attached.tsx';
export { Foot } from './composer/Foot.tsx';
export { Body } from './messages/Body.tsx';
export { linesOn } from './messages/lines.tsx';
export { seenIn } from './messages/seen.ts';
export { Spoken } from './messages/Spoken.tsx';
export { Invitation } from './panel/Invitation.tsx';
export { GLYPHS, Label } from './panel/Label.tsx';
export { Shortened } from './panel/Losses.tsx';
export { Menu } from './panel/Menu.tsx';
export { LazyChats } from './chats/LazyChats.tsx';
export { MailForm } from './forms/MailForm.tsx';
export { News } from './panel/News.tsx';
export { Notices } from './panel/Notices.tsx';
export { OfflineForm } from './forms/OfflineForm.tsx';
export { Preview } from './panel/Preview.tsx';
export { Tail } from './panel/Tail.tsx';
export { Tools } from './composer/Tools.tsx';
export { Transcript } from './paper/Transcript.tsx';
export { Failure, UploadRow } from './messages/UploadRow.tsx';
export { drawBadge } from './noticed/badge-icon.ts';
export { createNoticed } from './noticed/noticed.ts';
export { isLarge } from './panel/size.ts';
export { createAttachments } from './composer/attachments.ts';
export { keepDraft } from './composer/kept-draft.ts';
