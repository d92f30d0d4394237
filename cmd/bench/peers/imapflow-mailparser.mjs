// The stack of well-known open CRMs: imapflow reads whole messages, mailparser decodes, PostgreSQL stores.
// usage: node imapflow-mailparser.mjs HOST PORT USER PASSWORD POSTGRES_DSN
import { ImapFlow } from 'imapflow';
import { simpleParser } from 'mailparser';
import { moment, openTable, store } from './table.mjs';

const [host, port, user, pass, dsn] = process.argv.slice(2);
const table = await openTable(dsn);
const client = new ImapFlow({ host, port: Number(port), secure: false, doSTARTTLS: false, auth: { user, pass }, logger: false });
await client.connect();
await client.mailboxOpen('INBOX', { readOnly: true });
let count = 0;
let rows = [];
for await (const message of client.fetch('1:*', { uid: true, source: true, envelope: true }, { uid: true })) {
  const mail = await simpleParser(message.source, { skipImageLinks: true });
  rows.push([mail.messageId ?? `uid-${message.uid}`, moment(mail.date), mail.subject ?? '',
    mail.from?.text ?? '', mail.to ? [mail.to].flat().map((t) => t.text).join(', ') : '', mail.text ?? '']);
  if (rows.length === 100) { await store(table, rows); rows = []; }
  count++;
}
if (rows.length) await store(table, rows);
await client.logout();
await table.end();
console.log(count);
