/**
 * Sends one file's bytes to the server. It uses `XMLHttpRequest`, because `fetch` does not report upload progress.
 */
import { toErrorCode, type ErrorCode } from '../../shared/errors.ts';
import type { UploadAnswer } from '../../shared/wire/protocol.ts';
import type { SendBytes } from '../session/uploads.ts';

/** The upload fails after this much time without progress. Milliseconds. */
const STALL_MS = 60_000;

export function createSendBytes(csrf: string): SendBytes {
  return ({ site, uid, file }, tell) => {
    const request = new XMLHttpRequest();
    let isOver = false;
    let stall = 0;
    const over = (report: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(stall);
      report();
    };
    const failed = (code: ErrorCode) => (): void => over(() => tell.failed(code));
    const wait = (): void => {
      clearTimeout(stall);
      stall = window.setTimeout(() => {
        failed('upload_failed')();
        request.abort();
      }, STALL_MS);
    };

    request.upload.onprogress = ({ loaded }) => {
      wait();
      if (!isOver) tell.progress(loaded);
    };
    request.onload = () => {
      const answer = parseJson(request.responseText);
      if (request.status === 201 && isUploadAnswer(answer)) over(() => tell.done(answer));
      else failed(codeOf(request.status, answer))();
    };
    request.onerror = failed('upload_failed');
    request.open('POST', `/files?${new URLSearchParams({ site, uid, name: file.name }).toString()}`);
    request.setRequestHeader('x-csrf-token', csrf);
    request.setRequestHeader('content-type', 'application/octet-stream');
    wait();
    request.send(file instanceof Blob ? file : null);

    return () => over(() => request.abort());
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isUploadAnswer(value: unknown): value is UploadAnswer {
  return typeof value === 'object' && value !== null && 'file' in value && typeof value.file === 'string';
}

function codeOf(status: number, answer: unknown): ErrorCode {
  const code = typeof answer === 'object' && answer !== null && 'code' in answer ? toErrorCode(answer.code) : 'internal';
  if (code !== 'internal') return code;
  // A proxy between us and the server has answered in its place.
  if (status === 413) return 'file_too_large';
  return status === 429 ? 'rate_limited' : 'upload_failed';
}
