/**
 * Only its owner can read what this process writes: database, log of writes, files, mails, kept builds. Both programs import it
 * before everything else, so that they write nothing under another rule.
 */
process.umask(0o077);
