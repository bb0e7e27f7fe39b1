import { expect, test } from 'vitest';
import { isDragOfFiles, isPasteOfFiles } from './transfer.ts';

test.each([
  ['cells of a spreadsheet, with the picture of them', '1\t2\r\n3\t4', ['image.png'], false],
  ['text of a word processor', 'Dear Sir,', ['image.png'], false],
  ['text alone', 'Hello', [], false],
  ['nothing', '', [], false],
  ['a picture out of a page', '', ['image.png'], true],
  ['a chart, with an empty line beside it', '\r\n', ['image.png'], true],
  ['a file out of a file manager, with its name', 'plan.pdf', ['plan.pdf'], true],
  ['two of them, with their paths', '/home/v/a.txt\n/home/v/b c.txt\n', ['a.txt', 'b c.txt'], true],
  ['two on Windows', 'C:\\a.txt\r\nC:\\b.txt', ['a.txt', 'b.txt'], true],
  ['a sentence about the file', 'see plan.pdf', ['plan.pdf'], false],
])('[FF.E4] pasted: %s', (_, text, names, isFiles) => {
  expect(isPasteOfFiles(text, names)).toBe(isFiles);
});

test.each([
  ['a file', ['Files'], true],
  ['a picture out of a page', ['text/uri-list', 'text/html', 'Files'], true],
  ['the same where its address is told as text, too', ['text/x-moz-url', 'text/plain', 'text/uri-list', 'text/html', 'Files'], true],
  ['rich text with a picture of it', ['text/plain', 'text/html', 'text/rtf', 'Files'], false],
  ['text', ['text/plain'], false],
  ['a link', ['text/uri-list', 'text/plain'], false],
])('[FF.E4] [FF.E10] dragged: %s', (_, types, isFiles) => {
  expect(isDragOfFiles(types)).toBe(isFiles);
});
