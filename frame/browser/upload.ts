/**
 * Sends one file's bytes to the server. XMLHttpRequest, because `fetch` does not tell how much has gone out. Fetched with a page's
 * first file.
 */
import { ChatError, toErrorCode } from '../../shared/errors.ts';
import type { UploadAnswer } from '../../shared/wire/protocol.ts';
import type { SendBytes } from '../session/platform.ts';

/** Comes along: there is nothing to carry without it. */
export { createUploads } from '../session/uploads.ts';

export function createSendBytes(site: string): SendBytes {
  return (file, { uid, access, onProgress }) => {
    const request = new XMLHttpRequest();
    const done = new Promise<UploadAnswer>((resolve, reject) => {
      request.open('POST', `/files?${new URLSearchParams({ site, uid, name: file.name })}`);
      request.setRequestHeader('authorization', `Bearer ${access}`);
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.responseType = 'json';
      request.upload.onprogress = ({ loaded }) => onProgress(loaded);
      request.onload = () => {
        const answer: unknown = request.response;
        if (request.status === 201 && isUploadAnswer(answer)) resolve(answer);
        else reject(errorOf(answer));
      };
      request.onerror = request.ontimeout = request.onabort = () => reject(new ChatError('upload_failed', 'The file did not arrive.'));
      // A slice of the whole: Chromium lets this process read a file that the visitor gave to the page's process only as a blob.
      if (file instanceof File) request.send(file.slice());
      else reject(new ChatError('invalid_argument', 'This is not a file of the browser.'));
    });
    return { done, cancel: () => request.abort() };
  };
}

function isUploadAnswer(value: unknown): value is UploadAnswer {
  return typeof value === 'object' && value !== null && 'file' in value && typeof value.file === 'string';
}

function errorOf(answer: unknown): ChatError {
  const { code, message } = Object(answer) as { code?: unknown; message?: unknown };
  const known = toErrorCode(code);
  return new ChatError(
    known === 'internal' ? 'upload_failed' : known,
    typeof message === 'string' ? message : 'The server did not take the file.',
  );
}
