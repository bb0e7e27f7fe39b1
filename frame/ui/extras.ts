/**
 * What not every visitor needs, in a chunk of its own that comes right after the chat can be used: forms, the invitation,
 * the rating, the choice of a group, links, files on their way, what went
 * wrong or was lost, paper.
 */
import './styles/extras.css';
import './styles/print.css';

export { linkify } from '../../shared/ui/linkify.ts';
export { Attached } from './Attached.tsx';
export { Details } from './Details.tsx';
export { Company } from './Company.tsx';
export { FileBubble } from './FileBubble.tsx';
export { Groups } from './Groups.tsx';
export { Invitation } from './Invitation.tsx';
export { Losses, Shortened } from './Losses.tsx';
export { MailForm } from './MailForm.tsx';
export { News } from './News.tsx';
export { OfflineForm } from './OfflineForm.tsx';
export { Rating } from './Rating.tsx';
export { Retention } from './Retention.tsx';
export { Tools } from './Tools.tsx';
export { Transcript } from './Transcript.tsx';
export { Failure, UploadRow } from './UploadRow.tsx';
export { createAttachments } from './attachments.ts';
export { keepDraft } from './kept-draft.ts';
