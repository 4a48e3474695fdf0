// The official Node SDK, unmodified, over every operation, filter and error of the emulator.
import { readFileSync } from "node:fs";
import * as sdk from "@fingerprint/node-sdk";

const ready = JSON.parse(process.argv[2]);
const parameters = JSON.parse(readFileSync(process.argv[3])).paths["/events"].get.parameters;
const schemas = JSON.parse(readFileSync(process.argv[3])).components.schemas;
const admin = ready.base_url.replace(/\/v4$/, "/_emulator/");
const window = { start: ready.start, end: ready.end + 86400000 };
const tally = {};

function check(group, name, held) {
  const key = `${group} ${held ? "passed" : "failed"}`;
  tally[key] = (tally[key] ?? 0) + 1;
  if (!held) console.log(`FAILED ${group}: ${name}`);
}

// The SDK knows the service's hosts only: its own `fetch` option sends them to the emulator.
const redirect = (input, options) => {
  const url = new URL(typeof input === "string" ? input : input.url ?? input);
  return fetch(ready.base_url + url.pathname.replace(/^\/v4/, "") + url.search, options);
};
const client = (apiKey) => new sdk.FingerprintServerApiClient({ apiKey, fetch: redirect });

async function drive(method, name, body) {
  const answer = await fetch(admin + name, { method, body: body && JSON.stringify(body) });
  return answer.json();
}

function queryOf(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  return query;
}

async function plainIds(filters) {
  const query = queryOf({ limit: 100, ...window, ...filters });
  const headers = { Authorization: `Bearer ${ready.api_key}` };
  const page = await (await fetch(`${ready.base_url}/events?${query}`, { headers })).json();
  return page.events.map((event) => event.event_id);
}

const truth = async (filters = {}) =>
  (await drive("GET", `truth?${queryOf({ ids: 1, ...window, ...filters })}`)).ids;

async function walk(api, filters) {
  const ids = [];
  let key;
  do {
    const page = await api.searchEvents({ limit: 100, ...window, ...filters,
      ...(key ? { pagination_key: key } : {}) });
    ids.push(...page.events.map((event) => event.event_id));
    key = page.pagination_key;
  } while (key);
  return ids;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const sorted = (ids) => [...ids].sort();
const at = (event, path) => path.split(".").reduce((value, name) => value?.[name], event);

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return [error.statusCode ?? error.response?.status, error.errorCode ?? null];
  }
  return "no error";
}

const paths = {
  visitor_id: "identification.visitor_id",
  high_recall_id: "supplementary_id_high_recall.visitor_id",
  bot_info_provider: "bot_info.provider",
  bot_info_name: "bot_info.name",
  asn: "ip_info.v4.asn",
  sdk_version: "sdk.version",
  environment: "environment_id",
  proximity_id: "proximity.id",
};

function valuesOf(name, given, events) {
  const follow = (one) => (one.$ref ? schemas[one.$ref.split("/").pop()] : one);
  const schema = follow(given);
  if (schema.type === "boolean") return [true, false];
  if (schema.enum) return schema.enum;
  const items = schema.items && follow(schema.items);
  if (items?.enum) return items.enum.map((value) => [value]);
  if (name === "min_suspect_score") return [0.5, 10, 30];
  if (name === "ip_address") return [events[0].ip_address, "192.0.2.0/24"];
  if (name === "origin") return [new URL(events.find((event) => event.url).url).origin];
  const found = new Set(events.map((event) => at(event, paths[name] ?? name)));
  found.delete(undefined);
  const values = [...found].slice(0, 3);
  return schema.type === "array" ? values.map((value) => [value]) : values;
}

async function filters(api) {
  const page = await api.searchEvents({ limit: 100, ...window });
  check("search", "all", same(sorted(await walk(api, {})), sorted(await truth())));
  check("search", "oldest first", same(await walk(api, { reverse: true }),
    (await walk(api, {})).reverse()));
  check("search", "edge", same(sorted(await walk(api, { source: ["edge"] })),
    sorted(await truth({ source: "edge" }))));
  for (const { name, schema } of parameters) {
    if (["limit", "pagination_key", "start", "end", "reverse", "total_hits", "source"]
      .includes(name)) continue;
    const tried = valuesOf(name, schema, page.events);
    check("filter", `${name} has values`, tried.length > 0);
    for (const value of tried) {
      const found = await walk(api, { [name]: value });
      check("filter", `${name}=${value}`,
        same(found.slice(0, 100), await plainIds({ [name]: value })));
    }
  }
  const counted = await api.searchEvents({ limit: 1, total_hits: 1000, ...window });
  check("search", "total_hits", counted.total_hits === (await truth()).length);
}

async function operations(api) {
  const ids = (await truth({ sdk_platform: "js" })).slice(-60);
  for (const id of ids.slice(0, 40)) check("get", id, (await api.getEvent(id)).event_id === id);
  for (const [ruleset_id, type] of [["rs_allow_all", "allow"], ["rs_block_all", "block"]])
    check("get", ruleset_id, (await api.getEvent(ids[0], { ruleset_id })).rule_action.type === type);
  for (const change of [{ linked_id: "order-9" }, { tags: { a: [1, null] } }, { suspect: true }]) {
    await api.updateEvent(ids[1], change);
    const [name, value] = Object.entries(change)[0];
    check("update", name, same((await api.getEvent(ids[1]))[name], value));
  }
  const sealed = await drive("GET", `sealed?event_id=${ids[0]}`);
  const opened = await sdk.unsealEventsResponse(Buffer.from(sealed.sealed_result, "base64"),
    [{ key: Buffer.from(sealed.key, "base64"), algorithm: "aes-256-gcm" }]);
  check("sealed", "unsealed", opened.event_id === ids[0]);
  const visitor = (await api.getEvent(ids.at(-1))).identification.visitor_id;
  await api.deleteVisitorData(visitor);
  check("delete", "gone", (await refused(() => api.getEvent(ids.at(-1))))[0] === 404);
}

async function errors(api) {
  const [id] = await truth();
  for (const [key, code] of [["unknown", "secret_api_key_not_found"],
    ["test-key-eu", "wrong_region"], ["test-key-inactive", "subscription_not_active"]])
    check("error", code, same(await refused(() => client(key).getEvent(id)), [403, code]));
  for (const [name, call, wanted] of [
    ["event", () => api.getEvent("1700000000000.aaaaaa"), [404, "event_not_found"]],
    ["id", () => api.getEvent("a b"), [400, "request_cannot_be_parsed"]],
    ["ruleset", () => api.getEvent(id, { ruleset_id: "x" }), [400, "ruleset_not_found"]],
    ["visitor", () => api.deleteVisitorData("nobody"), [404, "visitor_not_found"]],
    ["key", () => api.searchEvents({ pagination_key: "x" }), [400, "request_cannot_be_parsed"]],
    ["limit", () => api.searchEvents({ limit: 101 }), [400, "request_cannot_be_parsed"]],
    ["update", () => api.updateEvent(id, { nothing: 1 }), [400, "request_cannot_be_parsed"]],
  ]) {
    const found = await refused(call);
    check("error", `${name}: ${found}`, same(found, wanted));
  }
  for (const [kind, wanted] of [["rate_limited", [429, "too_many_requests"]],
    ["search_overload", [429, "too_many_requests"]], ["internal_error", [500, "failed"]],
    ["unavailable", [503, "service_unavailable"]], ["gateway_timeout", [504, "failed"]]]) {
    await drive("POST", "faults", { faults: [kind] });
    const found = await refused(() => api.searchEvents({ limit: 1 }));
    check("error", `${kind}: ${found}`, same(found, wanted));
  }
  await drive("POST", "faults", { faults: ["state_not_ready"] });
  check("error", "state_not_ready",
    same(await refused(() => api.updateEvent(id, { suspect: true })), [409, "state_not_ready"]));
  await drive("POST", "faults", { faults: [] });
}

const api = client(ready.api_key);
await filters(api);
await operations(api);
await errors(api);
let failed = 0, total = 0;
for (const [name, count] of Object.entries(tally).sort()) {
  console.log(`node    ${name.padEnd(22)}${String(count).padStart(5)}`);
  total += count;
  if (name.endsWith("failed")) failed += count;
}
const { version } = JSON.parse(readFileSync("node_modules/@fingerprint/node-sdk/package.json"));
console.log(`node    @fingerprint/node-sdk ${version}: ${total - failed} of ${total} checks`);
process.exit(failed ? 1 : 0);
