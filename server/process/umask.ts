/**
 * What this process writes is its owner's alone: database, log of writes, files, mails, kept builds. Imported before everything
 * else by both programs, so that nothing is written under another rule.
 */
process.umask(0o077);
