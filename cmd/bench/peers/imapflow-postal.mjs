// The same stack in its strongest form: structure, headers and the text part only, decoded with postal-mime.
// usage: node imapflow-postal.mjs HOST PORT USER PASSWORD POSTGRES_DSN
import { ImapFlow } from 'imapflow';
import PostalMime from 'postal-mime';
import { moment, openTable, store } from './table.mjs';

const [host, port, user, pass, dsn] = process.argv.slice(2);
const table = await openTable(dsn);
const client = new ImapFlow({ host, port: Number(port), secure: false, doSTARTTLS: false, auth: { user, pass }, logger: false });
await client.connect();
await client.mailboxOpen('INBOX', { readOnly: true });
let count = 0;
let rows = [];
const query = { uid: true, bodyStructure: true, headers: true, bodyParts: ['1'] };
for await (const message of client.fetch('1:*', query, { uid: true })) {
  const part = message.bodyParts.get('1') ?? Buffer.alloc(0);
  const mail = await PostalMime.parse(Buffer.concat([message.headers, Buffer.from('\r\n'), part]));
  rows.push([mail.messageId ?? `uid-${message.uid}`, moment(mail.date), mail.subject ?? '',
    mail.from?.address ?? '', (mail.to ?? []).map((t) => t.address).join(', '), mail.text ?? '']);
  if (rows.length === 100) { await store(table, rows); rows = []; }
  count++;
}
if (rows.length) await store(table, rows);
await client.logout();
await table.end();
console.log(count);
