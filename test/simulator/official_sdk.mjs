// Calls of the official TypeScript SDK against the simulator. Run by official_sdk.py, which sets
// CLOUDFLARE_SDK to the folder of the package, SIMULATOR to the base URL, and NODE_EXTRA_CA_CERTS.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';

const { default: Cloudflare } = await import(pathToFileURL(`${process.env.CLOUDFLARE_SDK}/index.mjs`));
const client = new Cloudflare({ apiToken: 'any', baseURL: process.env.SIMULATOR, maxRetries: 0 });
const account_id = '0123456789abcdef0123456789abcdef';
const { settings, investigate, phishguard } = client.emailSecurity;

async function all(list) {
  const found = [];
  for await (const each of list) found.push(each);
  return found;
}

// Content policies
const policy = { account_id, name: 'Gift cards', pattern: 'gift card', targets: ['SUBJECT', 'BODY'], enabled: true };
const created = await settings.contentPolicies.create(policy);
assert.equal(created.name, 'Gift cards');
assert.deepEqual(created.targets, ['SUBJECT', 'BODY']);
assert.deepEqual(await settings.contentPolicies.get(created.id, { account_id }), created);
assert.equal((await settings.contentPolicies.edit(created.id, { account_id, enabled: false })).enabled, false);
assert.deepEqual((await all(settings.contentPolicies.list({ account_id, enabled: false }))).map(p => p.id), [created.id]);
const { account_id: _, ...body } = policy;
const batch = await settings.contentPolicies.batch({
  account_id,
  deletes: [],
  patches: [{ id: created.id, notes: 'INC-1' }],
  puts: [],
  posts: [{ ...body, name: 'Vouchers' }],
});
assert.equal(batch.patches[0].notes, 'INC-1');
assert.equal(batch.posts[0].name, 'Vouchers');
const replaced = await settings.contentPolicies.batch({
  account_id, deletes: [], patches: [], posts: [], puts: [{ ...body, id: created.id, pattern: 'card' }],
});
assert.equal(replaced.puts[0].notes, null);
assert.equal((await all(settings.contentPolicies.list({ account_id, per_page: 1 }))).length, 2);
assert.equal((await settings.contentPolicies.delete(created.id, { account_id })).id, created.id);

// Release and preview
const messages = await all(investigate.list({ account_id, delivery_status: 'quarantined' }));
const released = await all(investigate.release.bulk({ account_id, ids: [messages[0].id] }));
assert.equal(released[0].id, messages[0].id);
const preview = await investigate.preview.create({ account_id, id: messages[1].id });
assert.match(preview.screenshot, /^iVBOR/);

// PhishGuard, over several pages
const reports = await all(phishguard.reports.list({ account_id, per_page: 3 }));
assert.equal(reports.length, 7);
assert.equal(new Set(reports.map(each => each.id)).size, 7);
