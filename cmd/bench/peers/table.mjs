// The table both stacks write to: the message, one multi-row upsert for each hundred.
import pg from 'pg';

export async function openTable(dsn) {
  const client = new pg.Client({ connectionString: dsn });
  await client.connect();
  await client.query('DROP TABLE IF EXISTS peer_message');
  await client.query('CREATE TABLE peer_message (message_id text PRIMARY KEY, sent timestamptz, subject text, sender text, recipients text, body text)');
  await client.query('CREATE INDEX ON peer_message (sent)');
  await client.query('CREATE INDEX ON peer_message (sender)');
  return client;
}

// moment reads a date that may be missing or nonsense, or lie beyond what the database takes.
export function moment(value) {
  const date = new Date(value ?? 0);
  return date.getTime() > 0 && date.getFullYear() < 10000 ? date : new Date(0);
}

export async function store(client, rows) {
  const clean = (value) => (typeof value === 'string' ? value.replaceAll('\u0000', '') : value);
  const unique = [...new Map(rows.map((row) => [row[0], row])).values()];
  const values = unique.map((_, i) => `($${i * 6 + 1},$${i * 6 + 2},$${i * 6 + 3},$${i * 6 + 4},$${i * 6 + 5},$${i * 6 + 6})`);
  await client.query(`INSERT INTO peer_message VALUES ${values.join(',')} ON CONFLICT (message_id) DO NOTHING`, unique.flat().map(clean));
}
